import { describeMedia } from './media.ts';
import type { Media, Reply, ReplyBlock } from './events.ts';
import type { Message, Part } from './request.ts';

/** A reply as the conversation's next message. */
export function replyMessage(reply: Reply): Message {
  return { role: 'assistant', parts: reply.blocks.map(partOf) };
}

function partOf(block: ReplyBlock): Part {
  switch (block.type) {
    case 'text':
      return { type: 'text', text: block.text, ...(block.phase !== undefined && { phase: block.phase }) };
    case 'refusal':
      return { type: 'refusal', text: block.text };
    case 'reasoning':
      return { type: 'reasoning', text: block.text, ...(block.proof && { proof: block.proof }) };
    case 'tool-call': {
      const { id, name, namespace, kind, text } = block;
      return { type: 'tool-call', id, name, ...(namespace !== undefined && { namespace }), kind, input: text };
    }
    case 'native':
      return { type: 'native', dialect: block.dialect, json: block.json };
    case 'media':
      return mediaPart(block.media);
    default:
      return block satisfies never;
  }
}

/** Chat Completions takes no images or sounds from the assistant. */
function mediaPart(media: Media): Part {
  const { dialect, json } = media.own;
  const text = describeMedia(media);
  return dialect === 'openai-chat'
    ? { type: 'text', text }
    : { type: 'native', dialect, json, textForOtherDialects: text };
}
