import type { Attributes } from '@opentelemetry/api';
import { redact } from '../../canonical/providerError.ts';
import type { Reply } from '../../canonical/events.ts';
import { replyMessage } from '../../canonical/replyMessage.ts';
import type { ChatRequest, JsonObject, Message, Part } from '../../canonical/request.ts';
import { cut } from '../../canonical/visibleText.ts';
import { createScrub, type Scrub } from '../../gateway/scrub.ts';
import { names } from './attributes.ts';

/** Of one text, and of all texts of a request or an answer, the newest of which are sent. Characters. */
const longestText = 8192;
const longestAll = 65_536;

/**
 * What was said, as attributes in JSON by the conventions (gen-ai-input-messages.json). Without `secrets` and what looks like a key;
 * pictures, sounds and files are named only.
 */
export function contentAttributes(request: ChatRequest, reply: Reply, secrets: readonly string[]): Attributes {
  const scrub = createScrub(secrets);
  const clean: Scrub = (text) => redact(scrub(cut(text, longestText)));
  const { messages } = request;
  const system = messages.filter(isInstruction).flatMap(({ parts }) => parts.flatMap((part) => partJson(part, clean)));
  const said = messages.filter((message) => !isInstruction(message)).map((message) => messageJson(message, clean));
  const answer = { ...messageJson(replyMessage(reply), clean), finish_reason: reply.finish.replaceAll('-', '_') };
  return {
    ...(system.length > 0 && { [names.instructions]: jsonOf(system) }),
    [names.inputMessages]: jsonOf(said),
    [names.outputMessages]: jsonOf([answer]),
  };
}

function isInstruction({ role }: Message): boolean {
  return role === 'system' || role === 'developer';
}

/** The newest, as many as there is room for. */
function jsonOf(items: readonly JsonObject[]): string {
  let left = longestAll;
  const texts = items.map((item) => JSON.stringify(item)).toReversed();
  const kept = texts.filter((text) => (left -= text.length) >= 0);
  return `[${kept.toReversed().join(',')}]`;
}

function messageJson({ role, parts }: Message, clean: Scrub): JsonObject {
  return { role, parts: parts.flatMap((part) => partJson(part, clean)) };
}

function partJson(part: Part, clean: Scrub): JsonObject[] {
  switch (part.type) {
    case 'text':
    case 'refusal':
      return [{ type: 'text', content: clean(part.text) }];
    case 'reasoning':
      return [{ type: 'reasoning', content: clean(part.text) }];
    case 'tool-call':
      return [{ type: 'tool_call', id: part.id, name: part.name, arguments: clean(part.input) }];
    case 'tool-result': {
      const response = part.parts.flatMap((inner) => partJson(inner, clean));
      return [{ type: 'tool_call_response', id: part.callId, response }];
    }
    case 'image':
    case 'audio':
    case 'file':
    case 'native':
      return [{ type: part.type }];
    default:
      return part satisfies never;
  }
}
