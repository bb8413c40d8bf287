import { wording, type Wording } from '../canonical/wording.ts';
import { decodeText } from '../config/decodeText.ts';
import { readDotenvFiles } from '../config/dotenvFiles.ts';
import type { LanguageFacts, ModelFactsView } from '../config/language/facts.ts';
import { formatTarget } from '../config/routes.ts';
import { readSecretFile } from '../config/secretFile.ts';
import type { LoadOptions } from '../config/load.ts';
import type { ModelView } from '../control/protocol.ts';
import { transformerNames } from '../providers/findProvider.ts';
import { providerPresets } from '../providers/presets.ts';
import { transformerEffects } from '../providers/transformers.ts';
import { createConfigModelFacts } from './configModelFacts.ts';

/** Bytes. */
const maxBytes = 1024 * 1024;

/** Reads a `.env` file as the gateway does. @throws what node:fs throws. */
export function readText(file: string): string {
  return decodeText(readSecretFile(file, { maxBytes }).bytes);
}

const modelFacts = createConfigModelFacts(Date.now);

const transformers = transformerNames.map((name) => ({
  name,
  effect: Object.hasOwn(transformerEffects, name)
    ? transformerEffects[name]
    : wording('What CCR does for the provider {0}.', name),
}));

/** @param models those that the running gateway knows, with what it learnt from models.dev */
export function languageFacts(
  options: LoadOptions,
  secrets: readonly string[],
  models: readonly ModelView[],
): LanguageFacts {
  const ofGateway = new Map(models.map((view): [string, ModelFactsView] => [view.target, view]));
  return {
    modelFacts: (provider, model) => ({
      ...modelFacts(provider, model),
      ...ofGateway.get(formatTarget({ provider: provider.name, model })),
    }),
    variables: () => variablesOf(options),
    secrets,
    transformers,
    knownProviders: providerPresets,
  };
}

/** In the order in which they are likely to be meant: keys of known providers and `.env` files, then the environment. */
function variablesOf(options: LoadOptions): { name: string; from: Wording }[] {
  const { files } = readDotenvFiles(options, readText);
  const places = new Map<string, Wording>();
  const note = (name: string, from: Wording): unknown => places.has(name) || places.set(name, from);
  const names = Object.keys(options.environment).filter((name) => options.environment[name] !== undefined);
  const keys = providerPresets.flatMap(({ keyVariable = [] }) => keyVariable);
  for (const name of keys.filter((each) => names.includes(each))) note(name, wording('set in the environment'));
  for (const { label, values } of files)
    for (const name of Object.keys(values)) note(name, wording('set in {0}', label));
  for (const name of names.toSorted()) note(name, wording('set in the environment'));
  for (const { keyVariable, label } of providerPresets)
    if (keyVariable !== undefined) note(keyVariable, wording('not set; holds the key of {0}', label));
  return [...places].filter(([name]) => /^[A-Za-z_]\w*$/.test(name)).map(([name, from]) => ({ name, from }));
}
