import { isDeepStrictEqual } from 'node:util';
import type { Config } from '../config/schema.ts';
import { createUpstream, upstreamOptions, type Upstream } from '../gateway/upstream.ts';

/**
 * The connections to providers. A reload replaces them only if their options changed, since each set holds a megabyte of
 * certificates until it is garbage-collected.
 */
export function createReplaceableUpstream(initialConfig: Config, environment: NodeJS.ProcessEnv) {
  let upstreamConfig = upstreamOptions(initialConfig, environment);
  let upstream = createUpstream(upstreamConfig);
  return {
    current: (): Upstream => upstream,
    update(config: Config): void {
      const changed = upstreamOptions(config, environment);
      if (isDeepStrictEqual(changed, upstreamConfig)) return;
      const before = upstream;
      upstreamConfig = changed;
      upstream = createUpstream(changed);
      void before.close();
    },
  };
}
