import path from 'node:path';
import type { JSONPath } from 'jsonc-parser';
import * as z from 'zod';
import type { ClientFile, FileEditor } from './clientFile.ts';
import { sharedScope } from './sharedScope.ts';
import { ClientFileError } from './clientFileError.ts';
import { checkJson, nodeAt, obstacle, setValue, textOf } from './jsonText.ts';

/** A model as other clients list it. */
export type ListedModel = { name: string; label: string; contextWindow: number; readsImages: boolean };

export type JsonClientOptions = {
  /** The gateway's URL, without `/v1`. */
  url: string;
  token: string;
  models: readonly ListedModel[];
  environment: NodeJS.ProcessEnv;
  homeDirectory: string;
};

/** `previous`: the value as it was written. `created`: how many of the place's names were there before. */
const editSchema = z.object({ previous: z.string().optional(), present: z.int() });

/** Sets one value of a JSON file with comments. All other bytes stay; an undo brings the earlier value back as it was written. */
function valueEditor(place: JSONPath, value: unknown): FileEditor {
  return {
    connect(text) {
      checkJson(text, 'object');
      const inTheWay = obstacle(text, place);
      if (inTheWay) throw new ClientFileError(`Its ${JSON.stringify(inTheWay.join('.'))} is not an object.`);
      const node = nodeAt(text, place);
      const previous = node && textOf(text, node);
      const present = place.filter((_, index) => nodeAt(text, place.slice(0, index + 1))).length;
      return { text: setValue(text, place, value), edit: { previous, present } };
    },
    disconnect(text, edit) {
      checkJson(text, 'object');
      const node = nodeAt(text, place);
      if (!node || (edit === undefined && !textOf(text, node).includes(`/w/${sharedScope}/v1`))) return text;
      const { data } = editSchema.safeParse(edit);
      if (data?.previous === undefined) return removeValue(text, place, data?.present ?? place.length);
      return text.slice(0, node.offset) + data.previous + text.slice(node.offset + node.length);
    },
  };
}

/** Also the objects around it that CCR made and that are empty now. */
function removeValue(text: string, place: JSONPath, present: number): string {
  let rest = setValue(text, place, undefined);
  for (let depth = place.length - 1; depth > present; depth--) {
    const around = place.slice(0, depth);
    if (nodeAt(rest, around)?.children?.length !== 0) break;
    rest = setValue(rest, around, undefined);
  }
  return rest;
}

/** OpenCode's global config (opencode.ai/docs/config): a provider of an OpenAI-compatible API. */
export function openCodeFile(options: JsonClientOptions): ClientFile {
  const { url, token, models, environment, homeDirectory } = options;
  const folder = environment['XDG_CONFIG_HOME'] || path.join(homeDirectory, '.config');
  const provider = {
    npm: '@ai-sdk/openai-compatible',
    name: 'CCR',
    options: { baseURL: `${url}/w/${sharedScope}/v1`, apiKey: token },
    models: Object.fromEntries(
      models.map(({ name, label, contextWindow, readsImages }) => [
        name,
        {
          name: label,
          tool_call: true,
          reasoning: true,
          attachment: readsImages,
          modalities: { input: readsImages ? ['text', 'image'] : ['text'], output: ['text'] },
          limit: { context: contextWindow, output: outputLimit },
        },
      ]),
    ),
  };
  const file = path.join(folder, 'opencode', 'opencode.json');
  return { client: 'opencode', file, homeDirectory, editor: valueEditor(['provider', 'ccr'], provider) };
}

/** Zed's settings (zed.dev/docs/ai/llm-providers). It reads the key from the variable CCR_API_KEY, or asks for it. */
export function zedFile(options: JsonClientOptions): ClientFile {
  const { url, models, environment, homeDirectory } = options;
  const folder = environment['XDG_CONFIG_HOME'] || path.join(homeDirectory, '.config');
  const value = {
    api_url: `${url}/w/${sharedScope}/v1`,
    available_models: models.map(({ name, label, contextWindow, readsImages }) => ({
      name,
      display_name: label,
      max_tokens: contextWindow,
      capabilities: { tools: true, images: readsImages, parallel_tool_calls: true, prompt_cache_key: false },
    })),
  };
  const place = ['language_models', 'openai_compatible', 'CCR'];
  return {
    client: 'zed',
    file: path.join(folder, 'zed', 'settings.json'),
    homeDirectory,
    editor: valueEditor(place, value),
  };
}

/** Tokens that a client may ask for. The gateway lowers it where a model has less. */
const outputLimit = 32_000;

/** For a model whose window is not known. */
export const cautiousWindow = 128_000;

const catalogSchema = z.looseObject({
  models: z.array(
    z.looseObject({
      slug: z.string(),
      display_name: z.string(),
      visibility: z.string(),
      context_window: z.int().optional(),
      input_modalities: z.array(z.string()).optional(),
    }),
  ),
});

/** The models that the Codex catalog shows in a picker. */
export function readListedModels(codexCatalog: string): ListedModel[] {
  const { models } = catalogSchema.parse(JSON.parse(codexCatalog));
  const shown = models.filter(({ visibility }) => visibility === 'list');
  return shown.map(({ slug, display_name: label, context_window: contextWindow = cautiousWindow, ...model }) => {
    return { name: slug, label, contextWindow, readsImages: model.input_modalities?.includes('image') ?? false };
  });
}
