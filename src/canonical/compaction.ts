import { editRequest } from './editRequest.ts';
import type { Reply } from './events.ts';
import type { ChatRequest, Message, Part } from './request.ts';

/** What a model is asked for when its client can't take the whole conversation any further. */
const summaryRequest = `The conversation above is about to be dropped, because it no longer fits. Do not go on with the work now. Write the hand-over note from which another model, which sees nothing else but the user's own messages, will go on with it.

State, as far as they apply:
- what the user wants, with every constraint and preference, in their own words where the wording matters
- what was done and decided so far, and why; what was tried and did not work
- the state of things right now: files created or changed, commands run with their outcome, names, paths, identifiers, values and snippets that are still needed, verbatim
- what remains to be done, in order, beginning with the very next step

Be complete about facts and brief in style. Answer with the note alone. Call no tools.`;

/** Goes before a summary, where the conversation that it stands for has been. */
const summaryIntroduction =
  'The earlier part of this conversation was condensed into this hand-over note. The work in it is done: build on it, and go on from there.';

/** In place of a summary that nobody here can read. */
export const lostSummary =
  'The earlier part of this conversation was condensed into a note that only its former provider can read. It is not available: what is needed of it must be found out again.';

/**
 * The request that makes any model do what a client asked for with `compaction`. Without tools, so that the answer is a
 * text; with all of the conversation before the question, so that the provider's prompt cache serves it as far as it can.
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

/** A summary as the model reads it that goes on from it. */
export function introduceSummary(summary: string): string {
  return `${summaryIntroduction}\n\n${summary}`;
}

/** What is left of a conversation after its compaction: the user's own messages, and what stands for the rest. */
export function condensedConversation(messages: readonly Message[], { blocks }: Reply): Message[] {
  const own = blocks.find((block) => block.type === 'native');
  const summary = blocks.map((block) => (block.type === 'text' ? block.text : '')).join('');
  const part: Part = own
    ? { type: 'native', dialect: own.dialect, json: own.json, textIfUnreadable: lostSummary }
    : { type: 'text', text: introduceSummary(summary) };
  return [...messages.filter(isUsersOwn), { role: 'user', parts: [part] }];
}

/** The summary of an earlier compaction is part of the next one. */
export function isUsersOwn({ role, parts }: Message): boolean {
  return role === 'user' && !parts.every((part) => part.type === 'native' || isIntroducedSummary(part));
}

function isIntroducedSummary(part: Part): boolean {
  return part.type === 'text' && (part.text === lostSummary || part.text.startsWith(summaryIntroduction));
}
