import { parse } from 'jsonc-parser';
import * as z from 'zod';
import type { Effort } from '../canonical/request.ts';
import type { ClientFile, FileEditor } from './clientFile.ts';
import { sharedScope } from './sharedScope.ts';
import { checkJson, nodeAt, setValue } from './jsonText.ts';

/** A model as VS Code's chat is to list it. Tokens. */
export type ChatEntry = {
  /** The gateway's name of it. */
  id: string;
  name: string;
  maxInputTokens: number;
  maxOutputTokens: number;
  readsImages: boolean;
  /** Empty: the effort can't be set. Undefined: unknown. */
  efforts: readonly Effort[] | undefined;
  /** Its provider takes all of the Messages API, so requests in that format reach it as VS Code wrote them. */
  isMessagesMaker: boolean;
};

export type VscodeChatOptions = {
  /** The gateway's URL, without `/v1`. */
  url: string;
  /** Undefined if the gateway requires none. */
  token: string | undefined;
  models: readonly ChatEntry[];
  /** `chatLanguageModels.json` of the profile. */
  file: string;
  homeDirectory: string;
};

/** The group's name is shown in the model picker. */
const vendor = 'customendpoint';
const groupName = 'CCR';

/** What VS Code's picker offers for models whose efforts are unknown. */
const usualEfforts: readonly Effort[] = ['low', 'medium', 'high'];

const groupsSchema = z.array(z.unknown());
const ourPath = `/w/${sharedScope}/v1/`;
const ourModelSchema = z.looseObject({ url: z.string().includes(ourPath) });
const ourGroupSchema = z.looseObject({
  vendor: z.literal(vendor),
  name: z.literal(groupName),
  models: z.array(z.unknown()).refine((models) => models.some((model) => ourModelSchema.safeParse(model).success)),
});

/**
 * The Custom Endpoint of VS Code's chat (microsoft/vscode-docs, docs/agent-customization/language-models.md). The models are
 * written out: with the group's `url` VS Code would ask for the list, but then lists only models that it knows by itself,
 * without efforts, and ignores `models` (extensions/copilot/src/extension/byok/vscode-node/customEndpointProvider.ts).
 */
export function vscodeChatFile({ url, token, models, file, homeDirectory }: VscodeChatOptions): ClientFile {
  const group = { name: groupName, vendor, models: models.map((model) => writeModel(url, token, model)) };
  return { client: 'vscode-chat', file, homeDirectory, editor: groupEditor(group) };
}

function writeModel(
  url: string,
  token: string | undefined,
  { id, name, efforts = usualEfforts, ...model }: ChatEntry,
): object {
  const apiType = model.isMessagesMaker ? 'messages' : 'responses';
  return {
    id,
    name,
    url: `${url}${ourPath}${apiType}`,
    apiType,
    toolCalling: true,
    vision: model.readsImages,
    maxInputTokens: model.maxInputTokens,
    maxOutputTokens: model.maxOutputTokens,
    thinking: efforts.some((effort) => effort !== 'none'),
    ...(efforts.length > 0 && { supportsReasoningEffort: efforts, reasoningEffortFormat: apiType }),
    // Not as `apiKey`: VS Code takes that from its secret storage alone, where no extension can put it.
    ...(token !== undefined && { requestHeaders: { Authorization: `Bearer ${token}` } }),
    ...(apiType === 'messages' && { adaptiveThinking: true }),
    // Without `previous_response_id` a conversation survives a restart of the gateway.
    ...(apiType === 'responses' && { zeroDataRetentionEnabled: true }),
  };
}

/** Adds our group as the last. */
function groupEditor(group: object): FileEditor {
  return {
    connect(text) {
      checkJson(text, 'array');
      return { text: appendTo(text, group), edit: {} };
    },
    disconnect(text) {
      checkJson(text, 'array');
      const place = groupsIn(text).findIndex((each) => ourGroupSchema.safeParse(each).success);
      return place === -1 ? text : removeFrom(text, place);
    },
  };
}

function groupsIn(text: string): unknown[] {
  return groupsSchema.parse(text === '' ? [] : parse(text, undefined, { allowTrailingComma: true }));
}

/** Not by jsonc-parser, which would format the group before it too. */
function appendTo(text: string, group: object): string {
  const last = nodeAt(text, [])?.children?.at(-1);
  if (!last) return setValue(text, [0], group, text !== '');
  const eol = text.includes('\r\n') ? '\r\n' : '\n';
  const written = JSON.stringify(group, null, 2).replaceAll('\n', `${eol}  `);
  const end = last.offset + last.length;
  return `${text.slice(0, end)},${eol}  ${written}${text.slice(end)}`;
}

function removeFrom(text: string, place: number): string {
  const [before, node] = [nodeAt(text, [place - 1]), nodeAt(text, [place])];
  if (!before || !node) return setValue(text, [place], undefined);
  const end = before.offset + before.length;
  const isPlain = /^\s*,\s*$/.test(text.slice(end, node.offset));
  return isPlain ? text.slice(0, end) + text.slice(node.offset + node.length) : setValue(text, [place], undefined);
}
