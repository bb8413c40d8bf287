import { t } from './l10n.ts';
import { parseTarget } from '../config/routes.ts';
import type { GatewayState, RequestView, TargetView } from '../control/protocol.ts';

/** A provider that began to fail while this window used it. */
export type Outage = {
  provider: string;
  /** An ErrorKind. */
  kind: string;
  /** In the provider's words. */
  message: string;
  /** The target that answered in its place; undefined if none did. */
  answered: string | undefined;
};

export type OutageEvent = { type: 'began'; outage: Outage } | { type: 'ended'; provider: string };

/** Tells when providers begin to fail, and when they answer again: once for each outage, however many requests fail. */
export type ProviderOutages = {
  request(request: RequestView): void;
  state(state: State): void;
};

type State = Pick<GatewayState, 'targets' | 'providers'>;

const broken: readonly TargetView['state'][] = ['failing', 'cooldown', 'open'];

/**
 * @param isOwn whether a request is this window's: the others are reported by their own windows
 * @param tell is called after the fallback or the error: when both the request and the changed state are known, in any order
 */
export function createProviderOutages(
  isOwn: (request: RequestView) => boolean,
  tell: (event: OutageEvent) => void,
): ProviderOutages {
  const open = new Set<string>();
  /** Had an outage, and are as if never asked: by a new key, or a cooldown that was ended. The next request shows whether they work. */
  const untried = new Set<string>();
  /** The target that answered in place of a provider that has just failed. */
  const failed = new Map<string, string | undefined>();

  let latest: State = { targets: [], providers: [] };

  function tellBegun(): void {
    for (const [provider, answered] of failed) {
      const target = brokenTarget(provider, latest.targets);
      if (!target?.lastFailure) continue;
      failed.delete(provider);
      if (open.has(provider)) continue;
      open.add(provider);
      untried.delete(provider);
      const { kind, message } = target.lastFailure;
      tell({ type: 'began', outage: { provider, kind, message, answered } });
    }
  }

  function tellEnded(): void {
    for (const provider of [...open, ...untried]) {
      if (brokenTarget(provider, latest.targets)) continue;
      open.delete(provider);
      untried.delete(provider);
      // One that is off may only wait for a key that was just stored.
      if (!latest.providers.some(({ name }) => name === provider)) continue;
      if (answers(provider, latest.targets)) tell({ type: 'ended', provider });
      else untried.add(provider);
    }
  }

  return {
    request(request) {
      if (!isOwn(request)) return;
      for (const { target, error } of request.attempts) {
        const provider = parseTarget(target)?.provider;
        if (error !== undefined && provider !== undefined) failed.set(provider, answeredBy(request));
      }
      tellBegun();
    },
    state(state) {
      latest = state;
      tellEnded();
      tellBegun();
      // A failure after which a retry succeeded. The state may be older than a failure, so no other one is forgotten.
      for (const provider of failed.keys()) if (answers(provider, latest.targets)) failed.delete(provider);
    },
  };
}

function answeredBy({ target, error }: RequestView): string | undefined {
  return error === undefined ? target : undefined;
}

function brokenTarget(provider: string, targets: readonly TargetView[]): TargetView | undefined {
  const own = targets.filter(
    ({ target, state }) => parseTarget(target)?.provider === provider && broken.includes(state),
  );
  return own.toSorted((a, b) => (b.lastFailure?.at ?? 0) - (a.lastFailure?.at ?? 0))[0];
}

function answers(provider: string, targets: readonly TargetView[]): boolean {
  return targets.some(({ target, state }) => parseTarget(target)?.provider === provider && state === 'ok');
}

/** @example 'deepseek refused its API key. zai,glm-5 answered. It said: "Authentication Fails"' */
export function outageText({ provider, kind, message, answered }: Outage): string {
  const instead = answered === undefined ? t('Nothing else answered.') : t('{0} answered.', answered);
  const words = withoutWords.has(kind) ? message : t('It said: “{0}”', message);
  return `${faultText(provider, kind)} ${instead} ${words}`;
}

/** Of these, the provider said nothing: the message is CCR's. */
const withoutWords: ReadonlySet<string> = new Set(['connection', 'timeout', 'empty', 'protocol']);

function faultText(provider: string, kind: string): string {
  switch (kind) {
    case 'auth':
      return t('{0} refused its API key.', provider);
    case 'permission':
      return t('{0} refused this use of its API key.', provider);
    case 'quota':
      return t('{0} has used up its quota.', provider);
    case 'rate-limited':
      return t('{0} limits requests.', provider);
    case 'overloaded':
      return t('{0} is overloaded.', provider);
    case 'connection':
      return t("{0} can't be reached.", provider);
    case 'timeout':
      return t('{0} does not answer in time.', provider);
    case 'not-found':
      return t('{0} does not know the model or address.', provider);
    case 'empty':
      return t('{0} sends empty answers.', provider);
    case 'protocol':
      return t("{0} sends answers that CCR can't read.", provider);
    default:
      return t('{0} fails.', provider);
  }
}

/** Whether another key may help. */
export function isAboutKey(kind: string): boolean {
  return kind === 'auth' || kind === 'permission' || kind === 'quota';
}
