import { isObject } from '../canonical/json.ts';
import { describePath, withoutField } from '../canonical/refusedFields.ts';
import { askedTokens, tokenFields, type Remedy } from '../canonical/remedies.ts';
import type { DialectId, JsonObject } from '../canonical/request.ts';
import { askForTheRest, capMaxTokens, goOn, formatToInstruction, renameField } from './bodyEdits.ts';
import { describeLeft, editAt, fewerItems, omitImages } from './fitSizes.ts';
import { fitText, isNaming } from './longValues.ts';
import { fitBudget } from './messagesEdits.ts';

/** A body that was changed so that its provider takes it, and what to tell the user about each change. */
export type Remedied = { body: JsonObject; changes: string[] };

/** Applies the remedies learnt from earlier refusals, in order. One that changes nothing adds no message. */
export function applyRemedies(sent: JsonObject, remedies: readonly Remedy[], protocol: DialectId): Remedied {
  let body = sent;
  const changes: string[] = [];
  for (const remedy of remedies) {
    const before = body;
    body = apply(body, remedy, protocol);
    if (body !== before) changes.push(describe(remedy, before));
  }
  if (body !== sent && protocol === 'anthropic-messages') body = fitBudget.edit(body);
  return { body, changes };
}

function apply(body: JsonObject, remedy: Remedy, protocol: DialectId): JsonObject {
  switch (remedy.type) {
    case 'leave-out': {
      const format = protocol === 'openai-chat' && remedy.path[0] === 'response_format';
      return format ? formatToInstruction(body) : withoutField(body, remedy.path);
    }
    case 'rename':
      return renameField(remedy.from, remedy.to).edit(body);
    case 'most-tokens':
      return remedy.lasting ? capMaxTokens(remedy.tokens).edit(body) : makeRoom(body, remedy.tokens, protocol);
    case 'least-tokens':
      return raise(body, remedy.tokens);
    case 'end-with-user':
      return protocol === 'openai-responses' ? askInItem(body) : askForTheRest.edit(body);
    case 'no-thinking':
      return withoutThinking(body, remedy.byDefault);
    case 'auto-tool-choice':
      return freeChoice(body);
    case 'most-items':
      return fewerItems(body, remedy.path, remedy.most);
    case 'most-characters':
      return editAt(body, remedy.path, (value) =>
        typeof value === 'string' ? fitText(value, remedy.path, remedy.most) : value,
      ) as JsonObject;
    case 'omit-images':
      return omitImages(body, remedy.paths);
    case 'no-betas':
      return body;
    default:
      return remedy satisfies never;
  }
}

function describe(remedy: Remedy, before: JsonObject): string {
  switch (remedy.type) {
    case 'leave-out':
      return `does not accept ${describePath(remedy.path)}: left out of the request.`;
    case 'rename':
      return `takes ${remedy.to} in place of ${remedy.from}.`;
    case 'most-tokens':
      return `can write ${remedy.tokens} tokens to this request: the limit of ${askedTokens(before) ?? 'none'} was lowered to that.`;
    case 'least-tokens':
      return `takes no output limit below ${remedy.tokens} tokens: it was raised to that.`;
    case 'end-with-user':
      return 'does not continue an answer that the client began: a user message asks for the rest.';
    case 'no-thinking':
      return 'cannot think in this turn: the request was sent without thinking.';
    case 'auto-tool-choice':
      return 'cannot be made to call a tool while it thinks: tool_choice became auto.';
    case 'most-items':
      return `takes at most ${remedy.most} of ${describePath(remedy.path)}: ${describeLeft(before, remedy.path, remedy.most)} left out of the request.`;
    case 'most-characters':
      return `takes at most ${remedy.most} characters of ${describePath(remedy.path)}: longer ones ${isNaming(remedy.path) ? 'became a hash' : 'were cut off'}.`;
    case 'omit-images':
      return 'refuses an image of the conversation: a note took its place.';
    case 'no-betas':
      return 'does not know a beta of the client: left out of the headers.';
    default:
      return remedy satisfies never;
  }
}

/** A body without a limit gets one where the provider's own default was refused. */
function makeRoom(body: JsonObject, tokens: number, protocol: DialectId): JsonObject {
  if (askedTokens(body) !== undefined) return capMaxTokens(tokens).edit(body);
  return { ...body, [protocol === 'openai-responses' ? 'max_output_tokens' : 'max_tokens']: tokens };
}

function raise(body: JsonObject, tokens: number): JsonObject {
  const below = tokenFields.filter((name) => typeof body[name] === 'number' && body[name] < tokens);
  return below.length === 0 ? body : { ...body, ...Object.fromEntries(below.map((name) => [name, tokens])) };
}

/** Models that think adaptively think unless told not to. */
function withoutThinking(body: JsonObject, byDefault: boolean): JsonObject {
  const { thinking, reasoning: _, reasoning_effort: __, ...rest } = body;
  const isAdaptive = isObject(thinking) && thinking['type'] === 'adaptive';
  return byDefault || isAdaptive ? { ...rest, thinking: { type: 'disabled' } } : rest;
}

function askInItem(body: JsonObject): JsonObject {
  const { input } = body;
  if (!Array.isArray(input)) return body;
  const content = [{ type: 'input_text', text: goOn }];
  return { ...body, input: [...(input as unknown[]), { type: 'message', role: 'user', content }] };
}

function freeChoice(body: JsonObject): JsonObject {
  const choice = body['tool_choice'];
  if (choice === undefined || choice === 'auto') return body;
  return {
    ...body,
    tool_choice: isObject(choice) && 'messages' in body && !isChatChoice(choice) ? { type: 'auto' } : 'auto',
  };
}

function isChatChoice({ type }: JsonObject): boolean {
  return type === 'function';
}

/** The client's headers without the betas that a provider refused; the same headers if it refused none. */
export function withoutBetas(headers: Record<string, string>, remedies: readonly Remedy[]): Record<string, string> {
  const refused = remedies.filter((remedy) => remedy.type === 'no-betas');
  const { 'anthropic-beta': betas, ...others } = headers;
  if (refused.length === 0 || betas === undefined) return headers;
  if (refused.some(({ names }) => names.length === 0)) return others;
  const names = new Set(refused.flatMap((remedy) => remedy.names));
  const kept = betas
    .split(',')
    .map((beta) => beta.trim())
    .filter((beta) => beta !== '' && !names.has(beta));
  return kept.length === 0 ? others : { ...others, 'anthropic-beta': kept.join(',') };
}
