// What servers that render a model's chat template (Jinja) refuse, with the templates' error texts.

import { contentText, messagesOf, toolCallsOf } from './chatRules.ts';
import { isObject, objectsOf, stringOf } from './json.ts';
import type { JsonObject } from './json.ts';
import { Refusal } from './refusal.ts';

/** Qwen's template, which others copied: opencode#16560 and #20785; llama-server answers it with status 500. */
export function checkTemplate(body: JsonObject, status: number): void {
  for (const [index, message] of messagesOf(body).entries()) {
    const role = stringOf(message['role']);
    if (role === 'system' && index > 0) throw new Refusal('System message must be at the beginning.', status);
    if (!['system', 'user', 'assistant', 'tool'].includes(role)) throw new Refusal('Unexpected message role.', status);
    const silent = role === 'assistant' && toolCallsOf(message).length > 0;
    if (typeof message['content'] !== 'string' && !Array.isArray(message['content']) && !silent)
      throw new Refusal('Unexpected content type.', status);
  }
  if (!messagesOf(body).some(({ role, content }) => role === 'user' && contentText(content) !== ''))
    throw new Refusal('No user query found in messages.', status);
}

export function imageUrls(body: JsonObject): string[] {
  return messagesOf(body).flatMap(({ content }) =>
    objectsOf(content).flatMap((part) => {
      if (part['type'] !== 'image_url') return [];
      const image = part['image_url'];
      return [isObject(image) ? stringOf(image['url']) : stringOf(image)];
    }),
  );
}

/** `chat_template_kwargs.enable_thinking`. */
export function thinkingIsEnabled({ chat_template_kwargs: settings }: JsonObject): boolean {
  return !(isObject(settings) && settings['enable_thinking'] === false);
}
