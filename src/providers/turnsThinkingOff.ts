import { isObject } from '../canonical/json.ts';
import type { JsonObject } from '../canonical/request.ts';
import { thinkingIsOff } from './bodyEdits.ts';

/** Whether a Chat Completions body, as it is sent, turns thinking off in any form that a provider knows. */
export function turnsThinkingOff(body: JsonObject): boolean {
  const template = body['chat_template_kwargs'];
  return (
    thinkingIsOff(body) ||
    body['reasoning_effort'] === 'none' ||
    body['enable_thinking'] === false ||
    (isObject(template) && (template['enable_thinking'] === false || template['thinking'] === false))
  );
}
