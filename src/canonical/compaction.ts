import { editRequest } from './editRequest.ts';
import type { Reply } from './events.ts';
import type { ChatRequest, Message, Part } from './request.ts';

/** The prompt that asks a model to summarize a conversation that has become too long for its client. */
const summaryRequest = `The conversation above is about to be dropped, because it no longer fits. Do not continue the work now. Write a handoff note from which another model, which sees only this note and the user's own messages, can continue it.

Include, as far as they apply:
- what the user wants, with every constraint and preference, quoted where the wording matters
- what was done and decided so far, and why; what was tried and failed
- the current state: files created or changed, commands run with their outcome, names, paths, identifiers, values and snippets that are still needed, verbatim
- what remains to be done, in order, starting with the next step

Be complete about facts and brief in style. Answer with only the note. Do not call tools.`;

/** Introduces a summary in place of the conversation that it replaces. */
const summaryIntroduction =
  'The earlier part of this conversation was replaced by this handoff note. The work that it describes is done: build on it and continue from there.';

/** Replaces a summary that neither CCR nor the provider can read. */
export const lostSummary =
  'The earlier part of this conversation was replaced by a summary that only the previous provider can read. It is not available here: find out again whatever you need from it.';

/**
 * Turns a request with `compaction` into a request for a summary that any model can answer. It has no tools, so that the
 * answer is text, and keeps the whole conversation first, so that the provider's prompt cache still applies.
 */
export function askForSummary(request: ChatRequest): ChatRequest {
  const question: Message = { role: 'user', parts: [{ type: 'text', text: summaryRequest }] };
  return editRequest(request, {
    compaction: undefined,
    outputFormat: undefined,
    parallelToolCalls: undefined,
    tools: [],
    toolChoice: { type: 'auto' },
    messages: [...request.messages, question],
  });
}

/** The summary as text for the model that continues the conversation. */
export function introduceSummary(summary: string): string {
  return `${summaryIntroduction}\n\n${summary}`;
}

/** The conversation after compaction: the user's own messages, followed by the summary. */
export function condensedConversation(messages: readonly Message[], { blocks }: Reply): Message[] {
  const own = blocks.find((block) => block.type === 'native');
  const summary = blocks.map((block) => (block.type === 'text' ? block.text : '')).join('');
  const part: Part = own
    ? { type: 'native', dialect: own.dialect, json: own.json, textIfUnreadable: lostSummary }
    : { type: 'text', text: introduceSummary(summary) };
  return [...messages.filter(isUsersOwn), { role: 'user', parts: [part] }];
}

/** False for the summary of an earlier compaction: the next compaction replaces it. */
export function isUsersOwn({ role, parts }: Message): boolean {
  return role === 'user' && !parts.every((part) => part.type === 'native' || isIntroducedSummary(part));
}

function isIntroducedSummary(part: Part): boolean {
  return part.type === 'text' && (part.text === lostSummary || part.text.startsWith(summaryIntroduction));
}
