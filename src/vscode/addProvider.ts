import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import * as vscode from 'vscode';
import {
  addProvider,
  configWithProvider,
  requireValid,
  type NewProvider,
  type ProviderUse,
} from '../config/addProvider.ts';
import { codeOf } from '../config/files.ts';
import { providerSchema, type ProviderConfig } from '../config/schema.ts';
import type { ControlClient } from '../control/client.ts';
import { providerPresets, type ProviderPreset } from '../providers/presets.ts';
import { askCustomEndpoint } from './customEndpoint.ts';
import { enterKey } from './keyEntry.ts';
import { requireSaved } from './makeDefault.ts';
import { commandAction, openConfigAction, showInformation, showWarning } from './messages.ts';
import { askForUse, type UseFacts } from './providerUse.ts';
import { nameItems } from './plainText.ts';
import { setProviderKey, type KeyedProvider } from './providerKeys.ts';
import { asksWindows } from '../providers/vscodeModels.ts';
import type { ProviderSecrets } from './secrets.ts';

const t = vscode.l10n.t;

export type AddProviderParts = {
  secrets: ProviderSecrets;
  /** The running gateway, if any: it tries the key and lists models. */
  client: ControlClient | undefined;
  /** The running gateway's state: whether the default route can answer. */
  state: UseFacts | undefined;
  configFile: string;
  /** Has this window offer VS Code's own models to the gateway. */
  offerModels(): Promise<void>;
  /** The providers of the config file. */
  providers: readonly KeyedProvider[];
};

const title = t('CCR: Add Provider');
const addAgain = commandAction(t('Try Again'), 'ccr.addProvider');

/**
 * Adds a known provider, or a server at any URL, to the config file and its key to the secret storage. Nothing is written until every
 * question is answered, so cancelling changes nothing.
 */
export async function addKnownProvider(parts: AddProviderParts): Promise<void> {
  const { secrets, client, providers, configFile } = parts;
  // Before any question: no answer should be lost to a file that can't be edited.
  await readEditable(configFile);
  const preset = await choosePreset(providers);
  if (!preset) return;
  const checkKey = (provider: string | ProviderConfig, key: string) => client?.check({ provider, key, once: true });
  if (preset !== 'custom' && providers.some(({ name }) => name === preset.name))
    return setProviderKey(secrets, providers, async (name, key) => checkKey(name, key), preset.name);
  if (preset !== 'custom' && asksWindows(preset.baseUrl)) await parts.offerModels();
  const added = preset === 'custom' ? await askCustom(parts) : await askPreset(preset, client, checkKey);
  if (added) await write(parts, added);
}

/** What the user has answered. */
type Added = { provider: NewProvider; label: string; key: string | undefined; remark: string; works?: boolean };

async function askPreset(
  preset: ProviderPreset,
  client: ControlClient | undefined,
  checkKey: (provider: ProviderConfig, key: string) => ReturnType<ControlClient['check']> | undefined,
): Promise<Added | undefined> {
  const { label } = preset;
  const models = preset.models.length > 0 ? preset.models : await chooseServed(preset, client);
  if (models.length === 0) return undefined;
  const provider = newProvider(preset, models);
  if (preset.keyVariable === undefined) return { provider, label, key: undefined, remark: '' };
  const entered = await enterKey(preset.name, async (key) => checkKey(parsed(provider), key), preset.page);
  return entered && { provider, label, ...entered };
}

async function askCustom({ client, providers }: AddProviderParts): Promise<Added | undefined> {
  const taken = [...providers, ...providerPresets].map(({ name }) => name);
  const found = await askCustomEndpoint(client, taken, ({ name, api_base_url: url }, listed) =>
    chooseModels(name, url, listed),
  );
  return found && { ...found, label: found.provider.name };
}

async function write(parts: AddProviderParts, { provider, label, key, remark, works = true }: Added): Promise<void> {
  const { secrets, client, state } = parts;
  const use = await askForUse(provider, state);
  if (use === undefined) return;
  const writeConfig = await prepareWriting(parts, provider, use);
  // Store the key first, so that the provider is enabled as soon as it is in the config.
  if (key !== undefined) await secrets.store(provider.name, key);
  await writeConfig();
  await client?.reload();
  const target = use !== 'none' && 'preset' in use ? use.preset : `${provider.name},${provider.models[0] ?? ''}`;
  const switchTo = commandAction(t('Use in This Window'), 'ccr.switchPreset', target);
  const isDefault = use !== 'none' && 'route' in use && use.route === 'default';
  const setKey = commandAction(t('Set Key'), 'ccr.setProviderApiKey', provider.name);
  const actions = [...(works ? [] : [setKey]), ...(isDefault ? [] : [switchTo]), openConfigAction];
  const message = `${outcomeOf(label, use)} ${remark}`.trim();
  if (works) showInformation(message, ...actions);
  else showWarning(message, ...actions);
}

function outcomeOf(label: string, use: ProviderUse): string {
  if (use === 'none') return t('{0} was added to the config.', label);
  if ('preset' in use) return t('{0} was added to the config, and is the preset "{1}".', label, use.preset);
  return use.route === 'default'
    ? t('{0} is now the default provider.', label)
    : t('{0} was added to the config, and is now the route "{1}".', label, use.route);
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

async function choosePreset(present: readonly { name: string }[]): Promise<ProviderPreset | 'custom' | undefined> {
  const known = providerPresets.map((preset) => ({
    preset,
    label: preset.label,
    description: present.some(({ name }) => name === preset.name)
      ? t('already in the config: set its API key')
      : preset.models.join(', '),
    detail:
      preset.keyVariable === undefined ? preset.baseUrl : `${preset.baseUrl}  ·  ${t('get a key at {0}', preset.page)}`,
  }));
  const custom = {
    preset: 'custom' as const,
    label: t('Custom endpoint...'),
    description: t('another provider or your own server, by its URL'),
    detail: t('Its URL is enough: CCR finds out which API it speaks, and lists its models.'),
  };
  const items = [...known, custom];
  const options = { title, placeHolder: t('Choose a provider'), matchOnDescription: true, matchOnDetail: true };
  return (await vscode.window.showQuickPick(items, options))?.preset;
}

/** For a local server, whose models only its user knows. Empty: cancelled. */
async function chooseServed(preset: ProviderPreset, client: ControlClient | undefined): Promise<string[]> {
  const provider = parsed(newProvider(preset, []));
  const listed = await client?.models({ provider }).catch(() => undefined);
  return chooseModels(preset.label, preset.baseUrl, listed);
}

/** From the server's own list, else as the user types them. Empty: cancelled. */
async function chooseModels(label: string, url: string, listed: readonly string[] | undefined): Promise<string[]> {
  if (listed && listed.length > 0) {
    const items = nameItems(listed).map((item, index) => ({ ...item, picked: index === 0 }));
    const options = { title, placeHolder: t('Choose models of {0}', label), canPickMany: true as const };
    const chosen = await vscode.window.showQuickPick(items, options);
    if (chosen?.length === 0) showInformation(t('Nothing was added: no model was chosen.'), addAgain);
    return chosen?.map(({ name }) => name) ?? [];
  }
  const text = await vscode.window.showInputBox({
    title,
    prompt: t('{0} returned no list of models. Enter model names, separated by commas.', url),
    ignoreFocusOut: true,
    validateInput: (value) => (names(value).length === 0 ? t('Enter at least one model name.') : undefined),
  });
  return names(text ?? '');
}

function names(text: string): string[] {
  return text.split(',').flatMap((name) => name.trim() || []);
}

/** Returns the function that writes the config. Rejects when the file has unsaved changes or can't be edited. */
async function prepareWriting(
  { configFile }: AddProviderParts,
  provider: NewProvider,
  use: ProviderUse,
): Promise<() => Promise<void>> {
  const before = await readEditable(configFile);
  if (before !== undefined) {
    const text = addProvider(before, provider, use);
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
