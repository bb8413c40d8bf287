import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import * as vscode from 'vscode';
import { addProvider, configWithProvider, requireValid, type NewProvider } from '../config/addProvider.ts';
import { codeOf } from '../config/files.ts';
import { formatTarget, parseTarget } from '../config/routes.ts';
import { providerSchema, type ProviderConfig } from '../config/schema.ts';
import type { ControlClient } from '../control/client.ts';
import type { GatewayState } from '../control/protocol.ts';
import { providerPresets, type ProviderPreset } from '../providers/presets.ts';
import { enterKey } from './keyEntry.ts';
import { requireSaved } from './makeDefault.ts';
import { commandAction, openConfigAction, showInformation } from './messages.ts';
import { nameItems } from './plainText.ts';
import { setProviderKey, type KeyedProvider } from './providerKeys.ts';
import type { ProviderSecrets } from './secrets.ts';

const t = vscode.l10n.t;

export type AddProviderParts = {
  secrets: ProviderSecrets;
  /** The running gateway, if any: it tries the key and lists models. */
  client: ControlClient | undefined;
  /** The running gateway's state: whether the default route can answer. */
  state: Pick<GatewayState, 'source' | 'routes' | 'targets'> | undefined;
  configFile: string;
  /** The providers of the config file. */
  providers: readonly KeyedProvider[];
};

const title = t('CCR: Add Provider');
const addAgain = commandAction(t('Try Again'), 'ccr.addProvider');

/**
 * Adds a known provider to the config file and its key to the secret storage. Nothing is written until every question is
 * answered, so cancelling changes nothing.
 */
export async function addKnownProvider(parts: AddProviderParts): Promise<void> {
  const { secrets, client, providers, state, configFile } = parts;
  // Before any question: no answer should be lost to a file that can't be edited.
  await readEditable(configFile);
  const preset = await choosePreset(providers);
  if (!preset) return;
  const checkKey = (provider: string | ProviderConfig, key: string) => client?.check({ provider, key, once: true });
  if (providers.some(({ name }) => name === preset.name))
    return setProviderKey(secrets, providers, async (name, key) => checkKey(name, key), preset.name);
  const models = preset.models.length > 0 ? preset.models : await chooseModels(preset, client);
  if (models.length === 0) return;
  const provider = newProvider(preset, models);
  const entered =
    preset.keyVariable === undefined
      ? undefined
      : await enterKey(preset.name, async (key) => checkKey(parsed(provider), key));
  if (preset.keyVariable !== undefined && !entered) return;
  const isDefault = await askForDefault(provider, state);
  if (isDefault === undefined) return;

  const write = await prepareWriting(parts, provider, isDefault);
  // Store the key first, so that the provider is enabled as soon as it is in the config.
  if (entered) {
    await secrets.store(preset.name, entered.key);
    await client?.putSecrets({ [preset.name]: entered.key });
  }
  await write();
  await client?.reload();
  const outcome = isDefault
    ? t('{0} is now the default provider.', preset.label)
    : t('{0} was added to the config.', preset.label);
  const target = `${provider.name},${models[0] ?? ''}`;
  const switchTo = commandAction(t('Use in This Window'), 'ccr.switchPreset', target);
  const actions = isDefault ? [openConfigAction] : [switchTo, openConfigAction];
  showInformation(`${outcome} ${entered?.remark ?? ''}`.trim(), ...actions);
}

function newProvider({ name, baseUrl, protocol, keyVariable }: ProviderPreset, models: readonly string[]): NewProvider {
  return {
    name,
    api_base_url: baseUrl,
    api_key: keyVariable && `\${${keyVariable}}`,
    models,
    protocol: protocol === 'openai' ? undefined : protocol,
  };
}

/** The provider as the gateway would read it, with defaults filled in. */
function parsed(provider: NewProvider): ProviderConfig {
  return providerSchema.parse(JSON.parse(JSON.stringify(provider)));
}

async function choosePreset(present: readonly { name: string }[]): Promise<ProviderPreset | undefined> {
  const items = providerPresets.map((preset) => ({
    preset,
    label: preset.label,
    description: present.some(({ name }) => name === preset.name)
      ? t('already in the config: set its API key')
      : preset.models.join(', '),
    detail:
      preset.keyVariable === undefined ? preset.baseUrl : `${preset.baseUrl}  ·  ${t('get a key at {0}', preset.page)}`,
  }));
  const options = { title, placeHolder: t('Choose a provider'), matchOnDescription: true, matchOnDetail: true };
  return (await vscode.window.showQuickPick(items, options))?.preset;
}

/** For a local server, whose models only its user knows: asks the server for its list, else the user. Empty: cancelled. */
async function chooseModels(preset: ProviderPreset, client: ControlClient | undefined): Promise<string[]> {
  const provider = parsed(newProvider(preset, []));
  const listed = await client?.models({ provider }).catch(() => undefined);
  if (listed && listed.length > 0) {
    const items = nameItems(listed).map((item, index) => ({ ...item, picked: index === 0 }));
    const options = { title, placeHolder: t('Choose models of {0}', preset.label), canPickMany: true as const };
    const chosen = await vscode.window.showQuickPick(items, options);
    if (chosen?.length === 0) showInformation(t('Nothing was added: no model was chosen.'), addAgain);
    return chosen?.map(({ name }) => name) ?? [];
  }
  const text = await vscode.window.showInputBox({
    title,
    prompt: t('{0} returned no list of models. Enter model names, separated by commas.', preset.baseUrl),
    ignoreFocusOut: true,
    validateInput: (value) => (names(value).length === 0 ? t('Enter at least one model name.') : undefined),
  });
  return names(text ?? '');
}

function names(text: string): string[] {
  return text.split(',').flatMap((name) => name.trim() || []);
}

/** True without asking when the current default is the demo or is off. Undefined: cancelled. */
async function askForDefault(
  { name, models }: NewProvider,
  state: AddProviderParts['state'],
): Promise<boolean | undefined> {
  if (!state || state.source === 'demo' || isDefaultOff(state)) return true;
  const items = [
    { label: t('Keep the current default'), value: false },
    { label: t('Use as the default'), description: `Router.default: ${name},${models[0] ?? ''}`, value: true },
  ];
  const options = { title, placeHolder: t('Use it as the default?'), ignoreFocusOut: true };
  return (await vscode.window.showQuickPick(items, options))?.value;
}

/** A default that only fails at the moment is kept. */
function isDefaultOff({ routes, targets }: Pick<GatewayState, 'routes' | 'targets'>): boolean {
  const route = parseTarget(routes.find(({ name }) => name === 'default')?.target ?? '');
  const found = route && targets.find(({ target }) => target === formatTarget(route));
  return !found || found.state === 'off';
}

/** Returns the function that writes the config. Rejects when the file has unsaved changes or can't be edited. */
async function prepareWriting(
  { configFile }: AddProviderParts,
  provider: NewProvider,
  isDefault: boolean,
): Promise<() => Promise<void>> {
  const before = await readEditable(configFile);
  if (before !== undefined) {
    const text = addProvider(before, provider, isDefault);
    return () => writeFile(configFile, text);
  }
  return async () => {
    await mkdir(path.dirname(configFile), { recursive: true, mode: 0o700 });
    await writeFile(configFile, configWithProvider(provider), { mode: 0o600, flag: 'wx' });
  };
}

/** The file's text; undefined if it is missing. @throws Error if it has unsaved changes or is not valid. */
async function readEditable(file: string): Promise<string | undefined> {
  requireSaved(file);
  try {
    const text = await readFile(file, 'utf8');
    requireValid(text);
    return text;
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}
