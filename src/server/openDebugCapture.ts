import { shortestSecret } from '../gateway/scrub.ts';
import { createDebugCapture, type DebugCapture } from '../capture/debugCapture.ts';
import { secretsOf } from '../config/secrets.ts';
import { systemClock } from '../gateway/clock.ts';
import type { RequestRecord } from '../gateway/record.ts';
import type { Log } from '../observe/log.ts';
import type { Sealer } from '../reasoning/sealer.ts';
import type { WatchedConfig, WatchedConfigOptions } from './watchedConfig.ts';

export type OpenedDebugCapture = DebugCapture & {
  /** Adds secrets that are known later. */
  keepSecret(read: () => readonly (string | undefined)[]): void;
  /** All that are known now. */
  secrets(): string[];
};

type Given = Pick<WatchedConfigOptions, 'homeDirectory' | 'environment'> & { version: string; log: Log };

const proxyVariables = ['HTTP_PROXY', 'http_proxy', 'HTTPS_PROXY', 'https_proxy', 'ALL_PROXY', 'all_proxy'];

/** The captures of a gateway, with all the secrets that it knows. */
export function openDebugCapture(
  { homeDirectory, environment, version, log }: Given,
  watched: WatchedConfig,
  opener: Sealer,
  view: (record: RequestRecord) => object,
): OpenedDebugCapture {
  let readMore: () => readonly (string | undefined)[] = () => [];
  const ofProxies = proxyVariables.flatMap((name) =>
    secretsOf({ ...watched.current().config, Providers: [], APIKEY: undefined, PROXY_URL: environment[name] }),
  );
  const others = (): string[] =>
    [...watched.secrets(), ...ofProxies, ...readMore()].filter((secret) => secret !== undefined);
  const capture = createDebugCapture({
    config: () => watched.current().config,
    configFile: () => watched.current().file,
    homeDirectory,
    otherSecrets: others,
    opener,
    version,
    clock: systemClock,
    log,
    view,
    pause: () => new Promise((resolve) => setImmediate(resolve)),
    nanoseconds: () => Number(process.hrtime.bigint() % 1_000_000n),
  });
  return {
    ...capture,
    keepSecret: (read) => void (readMore = read),
    secrets: () =>
      [...secretsOf(watched.current().config), ...others()].filter(({ length }) => length >= shortestSecret),
  };
}
