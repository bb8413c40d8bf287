import { messageOf } from '../canonical/errors.ts';
import type { Opener } from '../reasoning/sealer.ts';
import type { Config } from '../config/schema.ts';
import { placeholderKey } from '../config/placeholder.ts';
import { secretsOf } from '../config/secrets.ts';
import type { Clock } from '../gateway/clock.ts';
import type { Exchange } from '../gateway/exchange.ts';
import type { RequestRecord } from '../gateway/record.ts';
import type { StartCapture } from '../gateway/requestCapture.ts';
import { clientSecrets, shortestSecret } from '../gateway/scrub.ts';
import type { Log } from '../observe/log.ts';
import { buildCapture, captureText, failureOf } from './buildCapture.ts';
import { addCapture, captureFolder } from './captureFolder.ts';
import { reseal } from './captureSealer.ts';
import { copyRequest, type CopiedAttempt, type CopiedRequest } from './copyRequest.ts';
import { captureFileName } from './format.ts';
import { createHeldBytes, type HeldBytes } from './heldBytes.ts';
import { createCaptureScrub } from './scrubCapture.ts';
import { inSlices } from './slices.ts';

export type DebugCaptureParts = {
  config(): Config;
  configFile(): string;
  homeDirectory: string;
  /** Keys that the config does not hold: of the secret storage, and the tokens of clients. */
  otherSecrets(): readonly string[];
  opener: Opener;
  version: string;
  clock: Clock;
  log: Log;
  view(record: RequestRecord): object;
  /** A moment in which other work goes first. */
  pause(): Promise<void>;
  /** Nanoseconds within the millisecond. */
  nanoseconds(): number;
  /** Of all requests. Bytes. */
  mostHeldBytes?: number;
  addCapture?: typeof addCapture;
};

export type DebugCapture = {
  start: StartCapture;
  /** Resolves when everything is written. */
  idle(): Promise<void>;
};

/** Copies of bodies that are running or wait to be written. Bytes. */
const mostHeldBytes = 32 * 1024 * 1024;

/** Values from outside the protocol's limits count as ccr-rust counts them. */
const limits = { standardFiles: 100, mostFiles: 1000, standardBody: 1024 * 1024, mostBody: 2 * 1024 * 1024 };

type Waiting = { request: CopiedRequest; held: HeldBytes };

/**
 * Writes captures as `DebugCapture` says, which is read for each request. Copies are made while a request runs; all other work is
 * done afterwards, one file at a time. Nothing here fails a request: what can't be written is left out, and the log says why.
 */
export function createDebugCapture(parts: DebugCaptureParts): DebugCapture {
  const { clock, log } = parts;
  const memory = createHeldBytes(parts.mostHeldBytes ?? mostHeldBytes);
  const waiting: Waiting[] = [];
  let writing: Promise<void> | undefined;
  let ids = 0;
  let told: string | undefined;

  /** Once for each cause, until a capture was written again. */
  function complain(message: string): void {
    if (message === told) return;
    told = message;
    log.warn(message);
  }

  function start(exchange: Exchange): Exchange {
    const { DebugCapture: own } = parts.config();
    if (!own.enabled) return exchange;
    const held = memory.open();
    const wanted = new Set(own.providers.map((name) => name.toLowerCase()));
    return copyRequest(exchange, {
      clock,
      held,
      limits: { maxBodyBytes: bodyLimit(own) },
      isWanted: (provider) => wanted.size === 0 || wanted.has(provider.toLowerCase()),
      onFinished(request) {
        request.attempts = request.attempts.filter((attempt) => own.capture_success || failureOf(attempt, request));
        if (request.attempts.length === 0) return held.release();
        waiting.push({ request, held });
        writing ??= writeAll();
      },
    });
  }

  async function writeAll(): Promise<void> {
    for (let next = waiting.shift(); next; next = waiting.shift()) {
      for (const attempt of next.request.attempts) {
        await writeAttempt(attempt, next.request, parts, () => ids++).then(
          (problem) => (problem === undefined ? (told = undefined) : complain(problem)),
          (thrown: unknown) => complain(`A capture could not be written: ${messageOf(thrown)}`),
        );
      }
      next.held.release();
    }
    writing = undefined;
  }

  return {
    start,
    idle: async () => writing,
  };
}

/** Resolves with the reason why the capture was left out, if it was. @throws what node:fs throws. */
async function writeAttempt(
  attempt: CopiedAttempt,
  request: CopiedRequest,
  parts: DebugCaptureParts,
  nextId: () => number,
): Promise<string | undefined> {
  if (attempt.isLeftOut) return 'A capture was left out: too much is being captured at once.';
  await parts.pause();
  const { DebugCapture: own } = parts.config();
  const scrub = createCaptureScrub(secretsFor(request, parts), reseal(parts.opener));
  const slices = { now: () => parts.clock.now(), pause: parts.pause };
  const steps = buildCapture(attempt, request, {
    version: parts.version,
    scrub,
    includeHeaders: own.include_headers,
    maxBodyBytes: bodyLimit(own),
    id: nextId(),
    view: parts.view,
  });
  const capture = await inSlices(steps, slices);
  const text = await inSlices(captureText(capture, scrub), slices);
  if (text === undefined) return 'A capture was left out: its request has more than 4 MiB.';
  const folder = captureFolder(own, { homeDirectory: parts.homeDirectory, configFile: parts.configFile() });
  const name = captureFileName(capture, parts.clock.now(), parts.nanoseconds());
  const file = await (parts.addCapture ?? addCapture)(folder, name, text, fileLimit(own));
  parts.log.info(`Captured an attempt at ${capture.provider},${capture.model}: ${file} (${request.exchange.id})`);
  return undefined;
}

function bodyLimit({ max_body_size: given }: Config['DebugCapture']): number {
  return given === 0 ? limits.standardBody : Math.min(given, limits.mostBody);
}

function fileLimit({ max_files: given }: Config['DebugCapture']): number {
  return given === 0 ? limits.standardFiles : Math.min(given, limits.mostFiles);
}

/** Also of the config as it was when the request was sent, and of the client. */
function secretsFor(
  { exchange: { headers }, attempts }: CopiedRequest,
  { config, otherSecrets }: DebugCaptureParts,
): string[] {
  const secrets = [
    ...secretsOf(config()),
    ...attempts.flatMap(({ facts }) => [...secretsOf(facts.config), facts.key ?? '']),
    ...otherSecrets(),
    ...clientSecrets(headers),
  ];
  return [...new Set(secrets)].filter((secret) => secret.length >= shortestSecret && secret !== placeholderKey);
}
