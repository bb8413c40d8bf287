import { worded, wording, type Wording } from '../canonical/wording.ts';
import type { Places, Problem } from './problems.ts';
import type { Config } from './schema.ts';

type Check = { path: string[]; isSet: boolean; instead?: Wording };

const gpInstead = wording(
  'CCR has no Gaussian-process routing; use "strategy": "latency", with topK and routingTemperature to try slower targets too',
);
const logInstead = wording('use the variable CCR_LOG or the setting ccr.logLevel instead');

/** Warnings for keys that this version accepts, so that existing files stay valid, but does not act on. */
export function findKeysWithoutEffect(config: Config, places: Places): Problem[] {
  const { LOG, LOG_LEVEL, Router, refuseOtherUsers } = config;
  const checks: Check[] = [
    { path: ['LOG'], isSet: LOG === false, instead: logInstead },
    { path: ['LOG_LEVEL'], isSet: LOG_LEVEL !== undefined, instead: logInstead },
    { path: ['Router', 'gpRouting'], isSet: Router.gpRouting !== undefined, instead: gpInstead },
    {
      path: ['refuseOtherUsers'],
      isSet: refuseOtherUsers && process.platform !== 'linux',
      instead: wording('it needs Linux. Set APIKEY to keep other users out'),
    },
  ];
  return checks
    .filter(({ isSet }) => isSet)
    .map(({ path, instead }) => ({
      severity: 'warning',
      code: 'key-without-effect',
      ...worded(
        instead
          ? wording('{0} has no effect: {1}.', path.join('.'), instead)
          : wording('{0} has no effect in this version.', path.join('.')),
      ),
      ...places.ofValue(path),
    }));
}
