import { isObject } from '../canonical/json.ts';
import type { JsonObject } from '../canonical/request.ts';
import { worded, wording } from '../canonical/wording.ts';
import { findUnreachable } from './checkReach.ts';
import { checkRoutes, isFromVariable } from './checkRoutes.ts';
import { withoutUnknownBudgets } from './checkBudgets.ts';
import { withoutUnknownRules } from './checkRules.ts';
import { formatPath, type JsonPath, type Places, type Problem } from './problems.ts';
import { findProviderFault, transformerName, whyOff, type ProviderFault, type ProviderStatus } from './providers.ts';
import { withPlaces } from './ruleSchema.ts';
import type { Config, ProviderConfig } from './schema.ts';
import { didYouMean, suggestion } from './suggest.ts';
import { tidyConfig } from './tidy.ts';
import { findKeysWithoutEffect } from './withoutEffect.ts';
import { findUnknownKeys } from './unknownKeys.ts';
import { validateConfig, type Fault } from './validate.ts';
import { describeMissing, substituteVariables, type MissingVariable, type VariableSources } from './variables.ts';

export type Checked = { config: Config | undefined; providers: ProviderStatus[]; problems: Problem[] };

/** Checks a parsed file: the resulting config, and every problem found. */
export function checkConfig(
  file: JsonObject,
  places: Places,
  sources: VariableSources,
  knownTransformers: readonly string[] | undefined,
): Checked {
  const { value, missing } = substituteVariables(file, sources);
  const { config, faults, inFile } = validateConfig(tidyConfig(isObject(value) ? value : {}));
  const problems: Problem[] = [
    ...findUnknownKeys(file).map(({ path, ...unknown }): Problem => ({
      severity: 'warning',
      ...unknown,
      ...places.ofKey(path),
    })),
    ...faults.map((fault) => faultProblem(fault, missing, file, places)),
  ];
  const missingToken = missing.find(({ path }) => path[0] === 'APIKEY');
  if (missingToken) problems.push(missingTokenProblem(missingToken, places));
  if (!config || missingToken) return { config: undefined, providers: [], problems };

  const rules = withPlaces(config.Router.rules, (index) => Number(inFile(['Router', 'rules', index])[2]) + 1);
  const withKeys = {
    ...config,
    Router: { ...config.Router, rules },
    Providers: config.Providers.map((provider) => withStoredKey(provider, sources.secrets)),
  };
  const statuses = faultyProviders(file, faults);
  const placesOfConfig: Places = { ...places, ofValue: (path) => places.ofValue(inFile(path)) };
  const isHidden = (path: JsonPath): boolean => isFromVariable(file, inFile(path));
  const checkedRoutes = checkRoutes(withKeys, statuses, isHidden, placesOfConfig);
  const checkedRules = withoutUnknownRules(checkedRoutes.config, withKeys, statuses, placesOfConfig);
  const checkedBudgets = withoutUnknownBudgets(checkedRules.config, withKeys, placesOfConfig);
  const missingOf = (path: JsonPath): MissingVariable[] =>
    missing.filter((each) => inFile(path).every((step, at) => step === each.path[at]));
  const checks = checkProviders(withKeys, missingOf, placesOfConfig);
  problems.push(
    ...checks.problems,
    ...(knownTransformers ? unknownTransformers(withKeys, knownTransformers, placesOfConfig) : []),
    ...checkedRoutes.problems,
    ...checkedRules.problems,
    ...checkedBudgets.problems,
    ...findUnreachable({ config: withKeys, used: checkedRules.config.Router.rules }, checks.statuses, placesOfConfig),
    ...findKeysWithoutEffect(withKeys, placesOfConfig),
  );
  const storedKeys = withKeys.Providers.flatMap(({ api_key: key }, index) =>
    key === undefined ? [] : [inFile(['Providers', index, 'api_key'])],
  );
  problems.push(...remainingMissing(missing, storedKeys, problems, places));
  return { config: checkedBudgets.config, providers: [...statuses, ...checks.statuses], problems };
}

/** A key that was stored for this provider in VS Code takes precedence over the file. */
function withStoredKey(provider: ProviderConfig, secrets: Record<string, string>): ProviderConfig {
  const stored = Object.hasOwn(secrets, provider.name) ? secrets[provider.name] : undefined;
  return stored === undefined || stored === '' ? provider : { ...provider, api_key: stored };
}

/** If a value is missing because its variable is not set, the message names the variable. */
function faultProblem(fault: Fault, missing: readonly MissingVariable[], file: JsonObject, places: Places): Problem {
  const cause = causeOf(fault, missing);
  const name = fault.path[0] === 'Providers' ? providerName(file, fault.path[1]) : undefined;
  const why = cause ? describeMissing(cause) : wording('{0}: {1}', formatPath(fault.path), fault.why);
  const said = name === undefined ? wording('{0}.', why) : wording('Provider {0} is off: {1}.', name, why);
  const isLeftOut = fault.leftOut && name === undefined;
  const leftOut = isLeftOut ? wording('{0} is left out.', formatPath(fault.leftOut ?? [])) : undefined;
  const code = cause ? 'missing-variable' : 'invalid-value';
  return {
    severity: 'error',
    code,
    ...worded(said, leftOut),
    ...places.ofValue(cause?.path ?? fault.path),
  };
}

function causeOf(fault: Fault, missing: readonly MissingVariable[]): MissingVariable | undefined {
  const path = formatPath(fault.path);
  return missing.find((candidate) => formatPath(candidate.path) === path);
}

function providerName(file: JsonObject, index: string | number | undefined): string | undefined {
  const provider: unknown = Array.isArray(file['Providers']) ? file['Providers'][Number(index)] : undefined;
  return isObject(provider) && typeof provider['name'] === 'string' ? provider['name'] : undefined;
}

/** The file requires a token, so the gateway must not run without one. */
function missingTokenProblem(missing: MissingVariable, places: Places): Problem {
  const said = wording(
    'APIKEY: {0}, so clients could connect without a token. Set it, or remove APIKEY.',
    describeMissing(missing),
  );
  return { severity: 'error', code: 'missing-variable', ...worded(said), ...places.ofValue(missing.path) };
}

function faultyProviders(file: JsonObject, faults: readonly Fault[]): ProviderStatus[] {
  const indexes = new Set(faults.filter(({ path }) => path[0] === 'Providers').map(({ path }) => path[1]));
  return [...indexes].flatMap((index) => {
    const name = providerName(file, index);
    const why = whyOff({ reason: wording('it has errors in the config file.') });
    return name === undefined ? [] : [{ name, enabled: false as const, ...why }];
  });
}

function checkProviders(
  config: Config,
  missingOf: (path: JsonPath) => MissingVariable[],
  places: Places,
): { statuses: ProviderStatus[]; problems: Problem[] } {
  const statuses: ProviderStatus[] = [];
  const problems: Problem[] = [];
  const turnOff = (name: string, index: number, { path, reason, remedy = [] }: ProviderFault): void => {
    const needsKey = path[0] === 'api_key' || path[0] === 'api_keys';
    const why = whyOff(remedy.length > 0 ? { reason, remedy } : { reason });
    statuses.push({ name, enabled: false, ...why, ...(needsKey ? { needsKey } : {}) });
    const said = worded(wording('Provider {0} is off: {1}', name, reason), ...remedy);
    const code = needsKey ? 'missing-key' : 'invalid-value';
    problems.push({ severity: 'warning', code, ...said, ...places.ofValue(['Providers', index, ...path]) });
  };

  const names = new Set<string>();
  config.Providers.forEach((provider, index) => {
    if (names.has(provider.name)) {
      const said = worded(wording('Provider {0} is listed twice. Only the first entry is used.', provider.name));
      const place = places.ofValue(['Providers', index, 'name']);
      problems.push({ severity: 'error', code: 'duplicate-provider', ...said, ...place });
      return;
    }
    names.add(provider.name);
    const fault = findProviderFault(provider, missingOf(['Providers', index]));
    if (fault) turnOff(provider.name, index, fault);
    else statuses.push({ name: provider.name, enabled: true });
  });
  return { statuses, problems };
}

/**
 * Warnings for values omitted because a variable is not set, unless another problem covers the same place. A key stored in VS
 * Code replaces the reference in the file, so that reference needs no variable.
 */
function remainingMissing(
  missing: readonly MissingVariable[],
  keysThatAreKnown: readonly JsonPath[],
  problems: readonly Problem[],
  places: Places,
): Problem[] {
  const reported = new Set([...problems.map(({ path }) => path), ...keysThatAreKnown.map(formatPath)]);
  return missing
    .filter(({ path }) => !reported.has(formatPath(path)))
    .map((candidate) => ({
      severity: 'warning',
      code: 'missing-variable',
      ...worded(wording('{0} is ignored: {1}.', formatPath(candidate.path), describeMissing(candidate))),
      ...places.ofValue(candidate.path),
    }));
}

function unknownTransformers(config: Config, known: readonly string[], places: Places): Problem[] {
  return config.Providers.flatMap(({ transformer = {} }, index) => {
    const { use, ...models } = transformer;
    const lists = [{ path: ['use'], uses: use }].concat(
      Object.entries(models).map(([model, own]) => ({ path: [model, 'use'], uses: own?.use })),
    );
    return lists.flatMap(({ path, uses = [] }) =>
      uses.flatMap((entry, entryIndex): Problem[] => {
        const name = transformerName(entry);
        if (known.includes(name)) return [];
        const place = ['Providers', index, 'transformer', ...path, entryIndex];
        const suggested = suggestion(name, known);
        const said = worded(wording('Unknown transformer "{0}" has no effect.', name), didYouMean(suggested));
        const code = 'unknown-transformer';
        return [{ severity: 'warning', code, ...said, suggestion: suggested, ...places.ofValue(place) }];
      }),
    );
  });
}
