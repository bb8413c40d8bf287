import { fieldsWhere, isObject } from '../canonical/json.ts';
import type { JsonObject } from '../canonical/request.ts';

/**
 * Normalizes variations in existing files: null, and in most places an empty string, means "not set" (the settings page of
 * claude-code-router writes `"think": ""`), and keys of prices and model facts may be in camelCase.
 */
export function tidyConfig(file: JsonObject): JsonObject {
  const tidied = withoutBlanks(file);
  for (const section of ['Router', 'Persistence', 'DebugCapture']) {
    if (isObject(tidied[section])) tidied[section] = withoutBlanks(tidied[section]);
  }
  if (Array.isArray(tidied['Providers'])) {
    tidied['Providers'] = tidied['Providers'].map((provider) =>
      isObject(provider) ? tidyProvider(provider) : provider,
    );
  }
  return tidied;
}

function tidyProvider(provider: JsonObject): JsonObject {
  const tidied = withoutBlanks(provider);
  const protocol = protocolOf(tidied['api_base_url']) ?? protocolOfTransformer(tidied['transformer']);
  if (protocol !== undefined && tidied['protocol'] === undefined) tidied['protocol'] = protocol;
  if (isObject(tidied['pricing'])) tidied['pricing'] = snakeCaseKeys(tidied['pricing']);
  for (const byModel of ['model_pricing', 'model_info']) {
    if (!isObject(tidied[byModel])) continue;
    tidied[byModel] = mapValues(tidied[byModel], (value) => (isObject(value) ? snakeCaseKeys(value) : value));
  }
  return tidied;
}

/** The protocol, if the URL is a full endpoint that implies one. */
function protocolOf(url: unknown): 'anthropic' | 'responses' | undefined {
  const path = typeof url === 'string' ? URL.parse(url)?.pathname.replace(/\/+$/, '') : undefined;
  if (path?.endsWith('/v1/messages')) return 'anthropic';
  return path?.endsWith('/v1/responses') ? 'responses' : undefined;
}

/** In claude-code-router's files the transformer `Anthropic` says that the provider speaks Messages. */
function protocolOfTransformer(transformer: unknown): 'anthropic' | undefined {
  const use = isObject(transformer) ? transformer['use'] : undefined;
  const names = Array.isArray(use) ? use.map((each: unknown) => (Array.isArray(each) ? each[0] : each) as unknown) : [];
  return names.some((name) => typeof name === 'string' && name.trim().toLowerCase() === 'anthropic')
    ? 'anthropic'
    : undefined;
}

function withoutBlanks(object: JsonObject): JsonObject {
  return fieldsWhere(object, (_, value) => value !== null && value !== '');
}

function mapValues(object: JsonObject, change: (value: unknown) => unknown): JsonObject {
  return Object.fromEntries(Object.entries(object).map(([key, value]) => [key, change(value)]));
}

function snakeCaseKeys(object: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(object).map(([key, value]) => [snakeCase(key), value]));
}

/** `inputPerMillionTokens` -> `input_per_million_tokens`. Leaves comments (`_...`) as they are. */
export function snakeCase(key: string): string {
  return key.startsWith('_') ? key : key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
