import { describeNatives } from '../../canonical/describeNatives.ts';
import { mergeAssistants, repairTools } from '../../canonical/repairTools.ts';
import type { JsonObject, Message, Part } from '../../canonical/request.ts';
import { fixCallIds } from './callIds.ts';
import { assistantBlocks, parseInput, textBlocks, userBlocks, writeResult } from './writeBlocks.ts';

type Turn = { role: 'user' | 'assistant'; content: JsonObject[] };

/** Every conversation begins with the user. */
const opener = '(The conversation begins here.)';

/** Before what the system says in mid-conversation: only some models of one provider have a role for that. */
const systemNote = 'A note from the system, not from the user:';

/**
 * The conversation in the form that the strictest providers take: the system's first words apart; then user and assistant
 * in turn, with the results of all calls first in the message that follows them.
 */
export function writeMessages(messages: readonly Message[]): { system: JsonObject[]; messages: Turn[] } {
  const prepared = fixCallIds(
    repairTools(mergeAssistants(describeNatives(messages, 'anthropic-messages').map(spellOutBrokenCalls))),
  );
  const begun = prepared.findIndex(({ role }) => role !== 'system' && role !== 'developer');
  const head = begun === -1 ? prepared : prepared.slice(0, begun);
  return {
    system: head.flatMap(({ parts }) =>
      parts.flatMap((part) => (part.type === 'text' ? textBlocks(part.text, part.cacheControl) : [])),
    ),
    messages: writeTurns(begun === -1 ? [] : prepared.slice(begun)),
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

/** "final assistant content cannot end with trailing whitespace". */
function trimEnd(turns: Turn[]): Turn[] {
  const last = turns.at(-1);
  const block = last?.content.at(-1);
  if (last?.role !== 'assistant' || block?.['type'] !== 'text') return turns;
  const content = [...last.content.slice(0, -1), { ...block, text: String(block['text']).trimEnd() }];
  return [...turns.slice(0, -1), { ...last, content }];
}

/**
 * A call's input is an object on this wire. A model that broke its JSON, or was cut off in it, said something else: its own
 * words stand as text, and the tool's complaint follows as a note, since repairTools makes one of a result without a call.
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
