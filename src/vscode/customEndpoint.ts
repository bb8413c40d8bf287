import type { NewProvider } from '../config/addProvider.ts';
import { keyVariableOf, listEndpointModels, probeProtocol, suggestName, type Prober } from '../config/probeEndpoint.ts';
import { providerSchema, type ProviderConfig } from '../config/schema.ts';
import type { ControlClient } from '../control/client.ts';
import { askInput } from './inputBox.ts';
import { t } from './l10n.ts';
import { showWarning, withProgress } from './messages.ts';

export type CustomEndpoint = { provider: NewProvider; key: string | undefined; remark: string; works?: boolean };

/**
 * Asks for the URL and key of a server that CCR does not know, finds out which API it speaks by small requests, and offers the models
 * that it lists. Undefined: cancelled, or no API was found.
 */
export async function askCustomEndpoint(
  client: ControlClient | undefined,
  taken: readonly string[],
  chooseModels: (provider: NewProvider, listed: readonly string[] | undefined) => Promise<string[]>,
): Promise<CustomEndpoint | undefined> {
  const title = t('CCR: Add Provider');
  const url = await askInput({
    title,
    prompt: t('The base URL, such as https://host/v1, or the full URL of an endpoint.'),
    validate: (text) => (isHttpUrl(text) ? undefined : t('Enter a URL that starts with http:// or https://.')),
  });
  if (url === undefined) return undefined;
  const name = await askInput({
    title,
    prompt: t('A short name for the provider. Routes and messages use it.'),
    value: suggestName(url, taken),
    validate: (text) => nameFault(text, taken),
  });
  if (name === undefined) return undefined;
  const key = await askInput({
    title: t('API key for {0}', name),
    prompt: t("Stored in VS Code's secret storage. Leave it empty if the server needs none."),
    password: true,
    validate: () => undefined,
  });
  if (key === undefined) return undefined;
  const provider = {
    name,
    api_base_url: url,
    api_key: key === '' ? undefined : `\${${keyVariableOf(name)}}`,
    models: [],
  };
  const prober = proberOf(client, key);
  const listed = await withProgress(t('Asking {0} for its models...', url), () => listEndpointModels(provider, prober));
  const models = await chooseModels(provider, listed);
  const [first] = models;
  if (first === undefined) return undefined;
  const added = { ...provider, models };
  if (!client) return { provider: added, key: key || undefined, remark: t('CCR is not running, so it was not tried.') };
  const probe = await withProgress(t('Finding out which API {0} speaks...', name), () =>
    probeProtocol(added, first, prober),
  );
  if (probe?.protocol === undefined) {
    if (probe) showWarning(t('Nothing was added: {0} answers none of the three APIs. {1}', url, probe.why));
    return undefined;
  }
  const protocol = probe.protocol === 'openai' ? undefined : probe.protocol;
  const remark = probe.remark === undefined ? t('It works.') : t('But it does not work yet: {0}', probe.remark);
  return {
    provider: { ...added, protocol },
    key: key || undefined,
    remark: t('It speaks {0}. {1}', apiNames[probe.protocol], remark),
    works: probe.remark === undefined,
  };
}

const apiNames = { openai: 'Chat Completions', responses: 'Responses', anthropic: 'Messages' };

/** @param key replaces the variable, which has no value yet */
function proberOf(client: ControlClient | undefined, key: string): Prober {
  const asConfig = (provider: NewProvider): ProviderConfig =>
    providerSchema.parse(JSON.parse(JSON.stringify({ ...provider, api_key: key === '' ? undefined : key })));
  return {
    models: async (provider) => (client ? client.models({ provider: asConfig(provider) }) : []),
    async check(provider, model) {
      const [check] = (await client?.check({ provider: asConfig(provider), model, once: true })) ?? [];
      return check?.fault;
    },
  };
}

function isHttpUrl(text: string): boolean {
  const url = URL.canParse(text.trim()) ? new URL(text.trim()) : undefined;
  return url !== undefined && /^https?:$/.test(url.protocol) && url.username === '' && url.hostname !== '';
}

function nameFault(text: string, taken: readonly string[]): string | undefined {
  const name = text.trim();
  if (!/^[^,\s]{1,64}$/.test(name)) return t('Enter a name without commas and spaces.');
  return taken.includes(name) ? t('The config already has a provider "{0}".', name) : undefined;
}
