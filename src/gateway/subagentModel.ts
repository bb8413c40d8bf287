import { editRequest } from '../canonical/editRequest.ts';
import type { ChatRequest, Message, Part } from '../canonical/request.ts';

/** A longer text is not a model's name. Characters. */
const longestName = 200;

const tag = /<CCR-SUBAGENT-MODEL>([^<]*)<\/CCR-SUBAGENT-MODEL>\n?/g;

/**
 * The model that a system prompt names in `<CCR-SUBAGENT-MODEL>provider,model</CCR-SUBAGENT-MODEL>` (claude-code-router's way to
 * give a subagent its own model), and the request without the tag. User messages and tool results are not searched: whoever
 * writes those must not choose the model.
 */
export function takeSubagentModel(request: ChatRequest): { request: ChatRequest; model?: string } {
  if (!request.messages.some(hasTag)) return { request };
  let model: string | undefined;
  const take = (text: string): string =>
    text.replaceAll(tag, (_, name: string) => {
      model ??= name.trim().slice(0, longestName);
      return '';
    });
  const messages = request.messages.map((message) => (isSystem(message) ? withoutTags(message, take) : message));
  if (model === undefined) return { request };
  const filled = messages.filter((message, index) => message.parts.length > 0 || message === request.messages[index]);
  return { request: editRequest(request, { messages: filled }), model };
}

const opener = '<CCR-SUBAGENT-MODEL>';

function hasTag(message: Message): boolean {
  return isSystem(message) && message.parts.some((part) => part.type === 'text' && part.text.includes(opener));
}

function isSystem({ role }: Message): boolean {
  return role === 'system' || role === 'developer';
}

function withoutTags(message: Message, take: (text: string) => string): Message {
  const parts = message.parts.flatMap((part): Part[] => {
    if (part.type !== 'text' || !part.text.includes(opener)) return [part];
    const text = take(part.text);
    return text.trim() === '' ? [] : [{ ...part, text }];
  });
  return parts.length === message.parts.length && parts.every((part, index) => part === message.parts[index])
    ? message
    : { ...message, parts };
}
