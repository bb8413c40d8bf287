import { isTurn } from '../../canonical/messages.ts';
import { describeNatives } from '../../canonical/describeNatives.ts';
import { mergeAssistants, repairTools } from '../../canonical/repairTools.ts';
import type { JsonObject, Message, Part } from '../../canonical/request.ts';
import { fixCallIds } from './callIds.ts';
import { assistantBlocks, parseInput, textBlocks, userBlocks, writeResult } from './writeBlocks.ts';

type Turn = { role: 'user' | 'assistant'; content: JsonObject[] };

/** The first user message of a conversation that does not start with one, as the API requires. */
const opener = '(The conversation begins here.)';

/** Precedes a system message within the conversation, for which only some models of one provider have a role. */
const systemNote = 'A note from the system, not from the user:';

/**
 * Writes the conversation in the form that the strictest providers accept: leading system messages apart, then alternating
 * user and assistant messages, each user message starting with the results of the calls before it.
 */
export function writeMessages(messages: readonly Message[]): { system: JsonObject[]; messages: Turn[] } {
  const prepared = fixCallIds(
    repairTools(mergeAssistants(describeNatives(messages, 'anthropic-messages').map(spellOutBrokenCalls))),
  );
  const start = prepared.findIndex(isTurn);
  const head = start === -1 ? prepared : prepared.slice(0, start);
  return {
    system: head.flatMap(({ parts }) =>
      parts.flatMap((part) => (part.type === 'text' ? textBlocks(part.text, part.cacheControl) : [])),
    ),
    messages: writeTurns(start === -1 ? [] : prepared.slice(start)),
  };
}

function writeTurns(messages: readonly Message[]): Turn[] {
  const turns: Turn[] = [];
  let attachments: JsonObject[] = [];

  function add(role: Turn['role'], content: JsonObject[]): void {
    if (content.length === 0) return;
    const last = turns.at(-1);
    if (last?.role === role) last.content.push(...content);
    else if (role === 'assistant' && !last)
      turns.push({ role: 'user', content: textBlocks(opener) }, { role, content });
    else turns.push({ role, content });
  }

  function flush(): void {
    add('user', attachments);
    attachments = [];
  }

  for (const message of messages) {
    if (message.role !== 'tool') flush();
    switch (message.role) {
      case 'system':
      case 'developer':
        add('user', withNote(message.parts.flatMap(userBlocks)));
        break;
      case 'user':
        add('user', message.parts.flatMap(userBlocks));
        break;
      case 'assistant':
        add('assistant', message.parts.flatMap(assistantBlocks));
        break;
      case 'tool':
        for (const part of message.parts) {
          if (part.type !== 'tool-result') continue;
          const written = writeResult(part);
          add('user', [written.block]);
          attachments.push(...written.attachments);
        }
        break;
      default:
        message.role satisfies never;
    }
  }
  flush();
  if (turns.length === 0) add('user', textBlocks(opener));
  return trimEnd(turns);
}

function withNote(content: JsonObject[]): JsonObject[] {
  return content.length > 0 ? [...textBlocks(systemNote), ...content] : [];
}

/** The API requires this: "final assistant content cannot end with trailing whitespace". */
function trimEnd(turns: Turn[]): Turn[] {
  const last = turns.at(-1);
  const block = last?.content.at(-1);
  if (last?.role !== 'assistant' || block?.['type'] !== 'text') return turns;
  const content = [...last.content.slice(0, -1), { ...block, text: String(block['text']).trimEnd() }];
  return [...turns.slice(0, -1), { ...last, content }];
}

/**
 * Turns calls whose input is not a JSON object, which the API requires, into text. This happens when a model writes invalid
 * JSON or is cut off. The tool's error follows as a note, since repairTools makes one of a result without a call.
 */
function spellOutBrokenCalls(message: Message): Message {
  if (!message.parts.some(isBrokenCall)) return message;
  const parts = message.parts.map((part): Part => {
    if (!isBrokenCall(part) || part.type !== 'tool-call') return part;
    return {
      type: 'text',
      text: `[Tool call ${part.id}: ${part.name} with arguments that are not a JSON object: ${part.input}]`,
    };
  });
  return { ...message, parts };
}

function isBrokenCall(part: Part): boolean {
  return part.type === 'tool-call' && parseInput(part.input) === undefined;
}
