import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { oneLine, visibleText } from '../canonical/visibleText.ts';
import { messageOf } from '../canonical/errors.ts';
import { makeBundle, maxBundleBytes, readBundle, type KnownRequest } from '../capture/bundle.ts';
import {
  CaptureError,
  captureFolder,
  captureNames,
  clearCaptures,
  readBounded,
  readCapture,
} from '../capture/captureFolder.ts';
import { compareReplay, type ReplayReport } from '../capture/compareReplay.ts';
import type { Capture } from '../capture/format.ts';
import { createCaptureScrub, scrubConfig } from '../capture/scrubCapture.ts';
import { codeOf } from '../config/files.ts';
import { loadConfig } from '../config/load.ts';
import { secretsOf } from '../config/secrets.ts';
import type { CliContext, ExitCode } from './context.ts';
import { locateGateway } from './locate.ts';
import { describeCapture, describeReplay, describeStats, summaryOf, type CaptureSummary } from './describeCapture.ts';

export type CapturesOptions = {
  config?: string | undefined;
  outputDir?: string | undefined;
  json?: boolean | undefined;
};

export type ListOptions = CapturesOptions & {
  provider?: string | undefined;
  limit: number;
  stats?: boolean | undefined;
  full?: boolean | undefined;
};

export type BundleCommandOptions = CapturesOptions & {
  port?: number | undefined;
  output?: string | undefined;
  withTexts?: boolean | undefined;
};

/** One command of `ccr captures`: prints what `act` resolves with, or why it can't. */
async function run(
  { json }: CapturesOptions,
  { print, complain }: CliContext,
  act: () => Promise<{ value: unknown; lines: string[]; exitCode?: ExitCode }>,
): Promise<ExitCode> {
  try {
    const { value, lines, exitCode = 0 } = await act();
    if (json) print(JSON.stringify(value));
    else for (const line of lines) print(line);
    return exitCode;
  } catch (thrown) {
    if (!(thrown instanceof CaptureError)) throw thrown;
    if (json) print(JSON.stringify({ error: thrown.message }));
    else complain(`ccr: ${thrown.message}`);
    return 1;
  }
}

/** Newest first. Damaged files are listed as such. */
export function listCaptures(options: ListOptions, context: CliContext): Promise<ExitCode> {
  return run(options, context, async () => {
    const folder = folderOf(options, context);
    const found: (CaptureSummary | { file: string; problem: string })[] = [];
    for (const name of await captureNames(folder)) {
      if (found.length >= (options.stats ? Number.POSITIVE_INFINITY : options.limit)) break;
      const file = path.join(folder, name);
      const entry = await readCapture(file).then(
        (capture) => summaryOf(file, capture, options.full),
        (thrown: Error) => ({ file, problem: thrown.message }),
      );
      const isWanted = options.provider === undefined || 'problem' in entry || isSame(entry.provider, options.provider);
      if (isWanted) found.push(entry);
    }
    const whole = found.filter((entry): entry is CaptureSummary => !('problem' in entry));
    if (options.stats) return describeStats(whole);
    const lines = found.flatMap((entry) => {
      if ('problem' in entry) return [oneLine(`${path.basename(entry.file)}: ${entry.problem}`)];
      return [describeCapture(entry), ...(options.full ? [visibleText(entry.response_body)] : [])];
    });
    return {
      value: { folder, captures: found },
      lines: lines.length > 0 ? lines : [`There are no captures in ${folder}.`],
    };
  });
}

function isSame(name: string, wanted: string): boolean {
  return name.toLowerCase() === wanted.toLowerCase();
}

export function showCapture(subject: string, options: CapturesOptions, context: CliContext): Promise<ExitCode> {
  return run(options, context, async () => {
    const captures = await findCaptures(subject, options, context);
    return {
      value: captures.length === 1 ? captures[0] : captures,
      lines: captures.map((capture) => visibleText(JSON.stringify(capture, null, 2))),
    };
  });
}

export function removeCaptures(options: CapturesOptions, context: CliContext): Promise<ExitCode> {
  return run(options, context, async () => {
    const folder = folderOf(options, context);
    const removed = await clearCaptures(folder);
    return { value: { folder, removed }, lines: [`Removed ${removed} captures from ${folder}.`] };
  });
}

/** Exits with 1 if something would come out differently now. */
export function replayCaptures(subject: string, options: CapturesOptions, context: CliContext): Promise<ExitCode> {
  return run(options, context, async () => {
    const reports: ReplayReport[] = [];
    for (const capture of await findCaptures(subject, options, context)) reports.push(await compareReplay(capture));
    return {
      value: { version: context.version, same: reports.every(({ same }) => same), attempts: reports },
      lines: reports.flatMap((report) => describeReplay(report, context.version)).map((line) => oneLine(line)),
      exitCode: reports.every(({ same }) => same) ? 0 : 1,
    };
  });
}

/** Writes the bundle beside the captures' user, in the current directory, unless told where; `-` prints it. */
export function bundleCaptures(subject: string, options: BundleCommandOptions, context: CliContext): Promise<ExitCode> {
  return run(options, context, async () => {
    const { captures, known } = await findRequest(subject, options, context);
    const { version, platform } = context;
    const bundle = await makeBundle(captures, { version, platform, withTexts: options.withTexts ?? false }, known);
    const text = `${JSON.stringify(bundle, null, 2)}\n`;
    if (options.output === '-') return { value: bundle, lines: [text.trimEnd()] };
    const name = options.output ?? `ccr-bundle-${bundle.request.replaceAll(/[^\w-]/g, '_').slice(0, 64)}.json`;
    const file = path.resolve(context.currentDirectory, name);
    await writeFile(file, text, { mode: 0o600, flag: 'wx' }).catch((thrown: unknown) => {
      const why = codeOf(thrown) === 'EEXIST' ? 'it exists already. Name another with --output' : codeOf(thrown);
      throw new CaptureError(`Can't write ${file}: ${why}.`);
    });
    const texts = bundle.hidden
      ? 'It holds no keys, and the texts of people and models are replaced.'
      : 'It holds no keys, but all texts: read it before you share it.';
    return {
      value: { file, request: bundle.request, hidden: bundle.hidden, captures: bundle.captures.length },
      lines: [`Wrote ${file}. ${texts}`, ...(bundle.captures.length === 0 ? [withoutCaptures] : [])],
    };
  });
}

const withoutCaptures =
  'It has no captures: with "DebugCapture": { "enabled": true } in the config, it would show what went over the wire.';

/** Of a request that was not captured, what the running gateway still knows. */
async function findRequest(
  subject: string,
  options: BundleCommandOptions,
  context: CliContext,
): Promise<{ captures: Capture[]; known?: KnownRequest }> {
  try {
    return { captures: await findCaptures(subject, options, context) };
  } catch (thrown) {
    const located = /[\\/]|\.json$/.test(subject) ? undefined : await locateGateway(options, context);
    if (!(thrown instanceof CaptureError) || located?.kind !== 'ccr') throw thrown;
    const record = await located.client.request(subject).catch((reason: unknown) => {
      throw new CaptureError(messageOf(reason));
    });
    return { captures: [], known: { request: record.id, record, config: shownConfig(options, context) } };
  }
}

/** The config without keys. */
function shownConfig({ config: file }: CapturesOptions, context: CliContext): Record<string, unknown> {
  const { environment, homeDirectory, currentDirectory: workspaceFolder } = context;
  const loaded = loadConfig({ file, environment, homeDirectory, workspaceFolder });
  if (!loaded.usable) return {};
  return scrubConfig(
    loaded.config,
    createCaptureScrub(secretsOf(loaded.config), (text) => text),
  );
}

function folderOf({ config: file, outputDir }: CapturesOptions, context: CliContext): string {
  const { environment, homeDirectory, currentDirectory: workspaceFolder } = context;
  if (outputDir !== undefined)
    return captureFolder({ output_dir: path.resolve(workspaceFolder, outputDir) }, { homeDirectory, configFile: '' });
  const loaded = loadConfig({ file, environment, homeDirectory, workspaceFolder });
  const own = loaded.usable ? loaded.config.DebugCapture : {};
  return captureFolder(own, { homeDirectory, configFile: loaded.file });
}

/** Captures of other requests that may be between those of one. */
const mostBetween = 50;

/**
 * The captures that the user means, oldest first: a file, a bundle, the name of a file in the folder, all attempts of the request
 * with this id, or those of the latest captured request for `last`.
 */
async function findCaptures(subject: string, options: CapturesOptions, context: CliContext): Promise<Capture[]> {
  if (/[\\/]|\.json$/.test(subject)) {
    const file = path.resolve(context.currentDirectory, subject);
    const isName = path.basename(subject) === subject;
    const text = await readBounded(file, maxBundleBytes).catch((thrown: unknown) => {
      if (isName) return undefined;
      throw thrown;
    });
    if (text !== undefined) return readBundle(text) ?? [await readCapture(file)];
    return [await readCapture(path.join(folderOf(options, context), subject))];
  }
  const folder = folderOf(options, context);
  const found: Capture[] = [];
  let others = 0;
  for (const name of await captureNames(folder)) {
    const capture = await readCapture(path.join(folder, name)).catch(() => undefined);
    const request = capture?.metadata?.ccr?.request;
    if (!capture || !request) continue;
    if (others > mostBetween) break;
    const wanted = found[0]?.metadata?.ccr?.request;
    const isFirst = !wanted && (subject === 'last' || request.id === subject);
    // Some clients send the same id with several requests.
    if (isFirst || (request.id === wanted?.id && request.started_at === wanted.started_at)) found.push(capture);
    else if (wanted) others++;
  }
  if (found.length > 0) return found.toReversed();
  const what =
    subject === 'last' ? 'There is no capture that CCR made' : `There is no capture of a request "${oneLine(subject)}"`;
  throw new CaptureError(`${what} in ${folder}. \`ccr captures\` lists them.`);
}
