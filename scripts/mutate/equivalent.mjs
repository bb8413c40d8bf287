// Mutants that no test can notice, since nobody could see a difference, each with the reason.
// `line` is the whole line of the source, `mutants` are as the report names them.

const forTypes = 'A default for the compiler only: the schema or the caller never leaves it out.';
const falsy = 'The caller only asks whether it is true.';
const bound = 'The bound of a cache, which changes no result.';

/** @type {{ file: string, line: string, mutants: string[], why: string }[]} */
export const equivalent = [
  {
    file: 'src/routing/rules.ts',
    line: 'const compiled = createBoundedMap<string, RegExp>(500);',
    mutants: ['number changed: 500 -> 500 + 1'],
    why: bound,
  },
  {
    file: 'src/routing/rules.ts',
    line: 'if (known) return known;',
    mutants: ['condition always false: known -> false'],
    why: 'The pattern is compiled again: slower, but the same.',
  },
  {
    file: 'src/routing/rules.ts',
    line: 'compiled.set(glob, pattern);',
    mutants: ['call removed: compiled.set(glob, pattern); -> ;'],
    why: 'The pattern is compiled again: slower, but the same.',
  },
  {
    file: 'src/routing/rules.ts',
    line: "const [hours = '', days] = period.split(' ').toReversed();",
    mutants: ["text changed: '' -> 'no 0'"],
    why: forTypes,
  },
  {
    file: 'src/routing/rules.ts',
    line: "const [from = 0, until = 0] = hours.split('-').map(minutesOf);",
    mutants: ['number changed: 0 -> 0 + 1'],
    why: forTypes,
  },
  {
    file: 'src/routing/rules.ts',
    line: "const [hour = 0, minute = 0] = time.split(':').map(Number);",
    mutants: ['number changed: 0 -> 0 + 1'],
    why: forTypes,
  },
  {
    file: 'src/routing/rules.ts',
    line: "const [first = 0, last = first] = days.split('-').map((name) => weekdays.findIndex((each) => each === name));",
    mutants: ['number changed: 0 -> 0 + 1'],
    why: forTypes,
  },
  {
    file: 'src/routing/fit.ts',
    line: 'const isFirstWide = candidates[0] === undefined || fits(candidates[0].target, size);',
    mutants: ['number changed: 0 -> 0 + 1'],
    why: 'Without a first candidate there is none to put last, and the list stays as it is.',
  },
  {
    file: 'src/routing/fit.ts',
    line: 'if (small.length === 0) return candidates;',
    mutants: ['condition always false: small.length === 0 -> false'],
    why: 'The first one is wide then, so the list is made again in the same order.',
  },
  {
    file: 'src/routing/modelNames.ts',
    line: "if (name === '') return undefined;",
    mutants: ["condition always false: name === '' -> false", "text changed: '' -> 'no 0'"],
    why: 'An empty reading is skipped below: this only saves the readings.',
  },
  {
    file: 'src/server/guard.ts',
    line: 'if (host === undefined) return false;',
    mutants: ['return removed: return false; -> return undefined;'],
    why: falsy,
  },
  {
    file: 'src/routing/matchRoute.ts',
    line: 'const loose = readAs === undefined ? undefined : exactMatch(config, readAs, mappings, isEnabled);',
    mutants: ['condition always false: readAs === undefined -> false'],
    why: 'No mapping, model or preset has the name undefined.',
  },
  {
    file: 'src/routing/matchRoute.ts',
    line: 'if (loose && readAs !== undefined) return { ...loose, readAs };',
    mutants: ['|| for &&: loose && readAs !== undefined -> (loose) || (readAs !== undefined)'],
    why: 'A name that was read is one of the config, so there is always a match for it.',
  },
  {
    file: 'src/routing/matchRoute.ts',
    line: "const { route = '', preset } = rule;",
    mutants: ["text changed: '' -> 'no 0'"],
    why: forTypes,
  },
  {
    file: 'src/routing/matchRoute.ts',
    line: 'const provider = slash < 0 ? undefined : findProviderConfig(config, model.slice(0, slash));',
    mutants: ['<= for <: slash < 0 -> (slash) <= (0)', 'number changed: 0 -> 0 + 1'],
    why: 'No provider has an empty name.',
  },
  {
    file: 'src/routing/matchIntent.ts',
    line: "const target = resolveTarget(Router, routeText(Router, route) ?? '');",
    mutants: ["text changed: '' -> 'no 0'"],
    why: 'Neither is a target.',
  },
  {
    file: 'src/routing/intent.ts',
    line: 'const summaryRequestStart = 1500;',
    mutants: ['number changed: 1500 -> 1500 + 1'],
    why: 'A rough length: the words come far before it.',
  },
  {
    file: 'src/routing/intent.ts',
    line: "if (last?.role !== 'user') return false;",
    mutants: ['return removed: return false; -> return undefined;'],
    why: falsy,
  },
  {
    file: 'src/routing/intent.ts',
    line: "if (part.type !== 'text') return false;",
    mutants: ['return removed: return false; -> return undefined;'],
    why: falsy,
  },
  {
    file: 'src/routing/intent.ts',
    line: 'for (let index = messages.length - 1; index > 0; index--) {',
    mutants: ['+ for -: messages.length - 1 -> (messages.length) + (1)', '>= for >: index > 0 -> (index) >= (0)'],
    why: 'Beyond the list there is no message of the user, and from the first one on it is the whole list.',
  },
  {
    file: 'src/routing/health.ts',
    line: 'if (key === undefined) return;',
    mutants: ['condition always false: key === undefined -> false', 'return removed: return; -> ;'],
    why: 'There is no cooldown of a key without an id.',
  },
  {
    file: 'src/routing/health.ts',
    line: "for (const scope of ['target', 'provider'] as const) keyCooldowns.delete(keyName(target, key, scope));",
    mutants: ["text changed: 'provider' -> 'no 8'"],
    why: 'Whatever is not the target is the provider.',
  },
  {
    file: 'src/routing/health.ts',
    line: "keyCooldowns.get(keyName(target, key, 'provider'))?.untilMs ?? 0,",
    mutants: ["text changed: 'provider' -> 'no 8'"],
    why: 'Whatever is not the target is the provider.',
  },
  {
    file: 'src/routing/health.ts',
    line: 'const slowness = Math.max(latencyByTarget.get(name)?.ewmaMs ?? 0, durationMs, shortestFailureMs) * failureFactor;',
    mutants: ['number changed: 0 -> 0 + 1'],
    why: 'The shortest failure is longer than both.',
  },
  {
    file: 'src/gateway/failover.ts',
    line: 'const maxTargets = queue.length + 1;',
    mutants: ['number changed: 1 -> 1 + 1'],
    why: 'A bound for what can not happen: each target is in the queue once.',
  },
  {
    file: 'src/gateway/failover.ts',
    line: 'while (failures.length < maxTargets) {',
    mutants: ['<= for <: failures.length < maxTargets -> (failures.length) <= (maxTargets)'],
    why: 'A bound for what can not happen: each target is in the queue once.',
  },
  {
    file: 'src/gateway/failover.ts',
    line: 'let poolSize = 1;',
    mutants: ['number changed: 1 -> 1 + 1'],
    why: 'A bound for a provider that misbehaves, whose retries and refusals end before.',
  },
  {
    file: 'src/gateway/failover.ts',
    line: 'durationMs: 0,',
    mutants: ['number changed: 0 -> 0 + 1'],
    why: 'Replaced before anybody gets the record.',
  },
  {
    file: 'src/gateway/failover.ts',
    line: 'if (isPool && untilMs <= now) return;',
    mutants: ['< for <=: untilMs <= now -> (untilMs) < (now)'],
    why: 'A cooldown that ends now is none.',
  },
  {
    file: 'src/gateway/failover.ts',
    line: "const found = resolveTarget(config.Router, routeText(config.Router, 'longContext') ?? '');",
    mutants: ["text changed: '' -> 'no 0'"],
    why: 'Neither is a target.',
  },
  {
    file: 'src/gateway/failover.ts',
    line: 'return (name === undefined ? undefined : tierRetries[name]) ?? tierRetriesSchema.parse({});',
    mutants: ['condition always false: name === undefined -> false'],
    why: 'No tier has the name undefined.',
  },
  {
    file: 'src/gateway/failure.ts',
    line: 'return kind satisfies never;',
    mutants: ['return removed: return kind satisfies never; -> return undefined;'],
    why: 'The compiler shows that it is not reached.',
  },
  {
    file: 'src/gateway/failure.ts',
    line: 'return Math.max(quotaCooldownMs, details.retryAfterMs ?? 0);',
    mutants: ['number changed: 0 -> 0 + 1'],
    why: 'The other number is larger.',
  },
  {
    file: 'src/gateway/failure.ts',
    line: "const message = others.length === 0 ? (messages[0] ?? '') : `No provider could answer. ${messages.join(' | ')}`;",
    mutants: ["text changed: '' -> 'no 0'"],
    why: forTypes,
  },
  {
    file: 'src/gateway/attempt.ts',
    line: 'if (reply.status < 200 || reply.status > 299) throw await statusError(reply, input, body, clock);',
    mutants: ['number changed: 299 -> 299 + 1'],
    why: 'A 300 was refused as a redirect before.',
  },
  {
    file: 'src/gateway/attempt.ts',
    line: 'const frames = source.untouched ? batch.frames : [];',
    mutants: ['condition always true: source.untouched -> true'],
    why: 'Frees memory: only a relay reads them.',
  },
  {
    file: 'src/gateway/attempt.ts',
    line: 'if (last) restorer.end();',
    mutants: ['condition always false: last -> false', 'call removed: restorer.end(); -> ;'],
    why: 'The stages that restore tools emit all that they hold at the finish.',
  },
  {
    file: 'src/gateway/attempt.ts',
    line: 'if (batch) return { ...batch, deltas: restored(batch.deltas, false) };',
    mutants: ['boolean flipped: false -> true'],
    why: 'The stages that restore tools emit all that they hold at the finish.',
  },
  {
    file: 'src/gateway/attempt.ts',
    line: 'const rest = restored([], true);',
    mutants: ['boolean flipped: true -> false'],
    why: 'The stages that restore tools emit all that they hold at the finish.',
  },
  {
    file: 'src/gateway/attempt.ts',
    line: 'return rest.length > 0 ? { deltas: rest, frames: [] } : undefined;',
    mutants: [
      'return removed: return rest.length > 0 ? { deltas: rest, frames: [] } : undefined; -> return undefined;',
      'condition always false: rest.length > 0 -> false',
      'number changed: 0 -> 0 + 1',
    ],
    why: 'The stages that restore tools emit all that they hold at the finish.',
  },
  {
    file: 'src/reasoning/sealer.ts',
    line: "const sealed = [nonce, encryption.update(text, 'utf8'), encryption.final(), encryption.getAuthTag()];",
    mutants: ["text changed: 'utf8' -> 'no 4'"],
    why: 'Node takes a name that it does not know for UTF-8.',
  },
];
