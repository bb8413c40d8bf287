import { holdsImage, isTurn } from '../canonical/messages.ts';
import type { ChatRequest, Message } from '../canonical/request.ts';
import type { RequestClass } from '../canonical/requestClass.ts';
import { ladder } from '../reasoning/effort.ts';
import { readClientHints, type ClientHints } from './clientHints.ts';
import { isSearchTool, requiredHostedTool } from './hostedTool.ts';

/** What a request is for, by what its client says and by what it holds. Computed once for each request. */
export type Intent = ClientHints & {
  /** `main` if neither the client nor the request says otherwise. */
  class: RequestClass;
  /** The answer depends on a web search: its hosted tool is required (see requiredHostedTool), or the user tagged the message. */
  searchesWeb: boolean;
  /** There is an image in the newest turn. */
  hasImage: boolean;
  /** Thinking that is on, perhaps with a budget, or an effort from `high` up. */
  thinks: boolean;
};

/** The parts of a request that its headers and its text decide. */
export type IntentSource = {
  headers: Readonly<Record<string, string | undefined>>;
  request: ChatRequest;
  /** Whether the newest message has a tag such as `[search]`. */
  hasSearchTag: boolean;
};

export function readIntent({ headers, request, hasSearchTag }: IntentSource): Intent {
  const hints = readClientHints(headers);
  const tool = requiredHostedTool(request);
  return {
    ...hints,
    class: request.compaction ? 'compaction' : (hints.class ?? classOf(headers, request)),
    searchesWeb: hasSearchTag || (tool !== undefined && isSearchTool(tool)),
    hasImage: newestTurn(request.messages).some(holdsImage),
    thinks: asksToThink(request),
  };
}

/** The class of a request whose client says nothing of it. */
function classOf(headers: IntentSource['headers'], request: ChatRequest): RequestClass {
  if (asksForSummary(request)) return 'compaction';
  return headers['x-claude-code-session-id'] !== undefined && isNaming(request) ? 'auxiliary' : 'main';
}

/** How Claude Code (2.1.330) quotes the conversation that is to get a title or a name. */
const quotation = /^<(?:session|conversation)>/;

/**
 * Whether Claude Code asks for the title or the name of a session. Without its hint headers, such a request differs from a turn in that
 * it has no tools, and in its form: a schema for the answer or, for models that take none, one message with a quotation.
 * See test/fixtures/claude/claude-2.1.330-terminal.json.
 */
function isNaming({ messages, tools, outputFormat }: ChatRequest): boolean {
  if (tools.length > 0) return false;
  if (outputFormat?.type === 'json-schema') return true;
  const [message, ...others] = messages.filter(isTurn);
  const [part] = message?.parts ?? [];
  return message?.role === 'user' && others.length === 0 && part?.type === 'text' && quotation.test(part.text);
}

/** The words with which Codex (0.169) and Claude Code (2.1.330) ask for a compaction, in a message of the user's role. */
const summaryRequests = ['CONTEXT CHECKPOINT COMPACTION', 'Your task is to create a detailed summary'];

/** A request for a summary is long, but says what it wants at its beginning. Characters. */
const summaryRequestStart = 1500;

function asksForSummary({ messages }: ChatRequest): boolean {
  const last = messages.findLast(isTurn);
  if (last?.role !== 'user') return false;
  for (const part of last.parts) {
    if (part.type !== 'text') continue;
    const start = part.text.slice(0, summaryRequestStart);
    for (const words of summaryRequests) if (start.includes(words)) return true;
  }
  return false;
}

/** From the user's last message on, without what clients add between the results of tools. */
function newestTurn(messages: readonly Message[]): readonly Message[] {
  for (let index = messages.length - 1; index > 0; index--) {
    if (messages[index]?.role !== 'user') continue;
    if (messages[index - 1]?.role !== 'tool') return messages.slice(index);
  }
  return messages;
}

function asksToThink({ reasoning }: ChatRequest): boolean {
  if (!reasoning || reasoning.effort === 'none') return false;
  const { effort, budgetTokens = 0, isOn = false } = reasoning;
  return isOn || budgetTokens > 0 || (effort !== undefined && ladder.indexOf(effort) >= ladder.indexOf('high'));
}
