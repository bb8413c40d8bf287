import { continueRequest, editRequest } from '../canonical/editRequest.ts';
import type { ChatRequest } from '../canonical/request.ts';
import { transformersOf } from '../config/providers.ts';
import type { Config, ProviderConfig } from '../config/schema.ts';
import { findProvider } from '../providers/findProvider.ts';
import { hostOf } from '../providers/hosts.ts';
import type { Provider } from '../providers/provider.ts';
import type { ReasoningMemory } from '../reasoning/history.ts';
import type { ProofMaker } from '../reasoning/proofOrigins.ts';
import { conversationKey } from '../reasoning/conversation.ts';
import { restoreReasoning } from '../reasoning/restore.ts';
import type { Target } from '../routing/route.ts';
import type { Exchange } from './exchange.ts';
import type { PoolKey } from './keyPool.ts';
import type { TraceHeaders } from './telemetry.ts';

// Adapts a request to one target: which provider answers it, for which conversation, and which parts it can read.

export function makerOf(
  { api_base_url: url }: ProviderConfig,
  { model }: Target,
  key: PoolKey | undefined,
): ProofMaker {
  return { host: hostOf(url), model, account: key?.id };
}

/** Whether the config has the model: a reload may have removed it. */
export function hasModel({ Providers }: Config, { provider, model }: Target): boolean {
  return Providers.some(({ name, models }) => name === provider && models.includes(model));
}

/** For a model that does not have the effort. Without `source`, since a relay would send the client's own JSON, effort included. */
export function dropEffort(request: ChatRequest): ChatRequest {
  if (!request.reasoning) return request;
  return editRequest(request, { reasoning: undefined });
}

/** Remembered results of `providerOf`, for as long as their config is in use. They depend on nothing else. */
const found = new WeakMap<ProviderConfig, Map<string, Provider>>();

/** The quirks and features of a configured provider for one of its models. */
export function providerOf(config: ProviderConfig, model: string, request?: ChatRequest): Provider {
  const hasTools = request !== undefined && request.tools.length > 0;
  const name = `${hasTools} ${model}`;
  const known = found.get(config) ?? new Map<string, Provider>();
  found.set(config, known);
  const provider =
    known.get(name) ??
    findProvider({
      name: config.name,
      baseUrl: config.api_base_url,
      protocol: config.protocol,
      transformers: transformersOf(config, model),
      model,
      tools: hasTools,
      anthropicVersion: config.anthropic_version,
    });
  // A model that the config does not list may be anything.
  if (config.models.includes(model)) known.set(name, provider);
  return provider;
}

/**
 * Continues a stored conversation: the account at a provider that holds it gets only the new messages. Any other gets the
 * whole conversation, which the client's JSON does not have.
 */
export function continued(request: ChatRequest, account: string): ChatRequest {
  const { continuation, messages } = request;
  if (continuation?.previousId === undefined) return request;
  if (continuation.holder === account) {
    const { passing, known = 0 } = continuation;
    const fresh = [...messages.slice(0, passing), ...messages.slice(passing + known)];
    return continueRequest(request, fresh, { ...continuation, held: true });
  }
  return editRequest(request, {});
}

/** Restores the reasoning that the client dropped, for a provider that requires it. */
export function withReasoning(
  request: ChatRequest,
  conversation: string,
  { quirks, protocol }: Provider,
  memory: ReasoningMemory,
): ChatRequest {
  if (quirks.replay === 'none') return request;
  return restoreReasoning(request, protocol, (...turn) => memory.recall(conversation, ...turn));
}

export function conversationOf({ headers }: Exchange, request: ChatRequest): string {
  return conversationKey(
    request,
    headers['thread-id'] ?? headers['session-id'] ?? headers['conversation_id'] ?? headers['session_id'],
  );
}

export function choicesOf({ source }: ChatRequest): number {
  const choices = source?.dialect === 'openai-chat' ? source.body['n'] : undefined;
  return typeof choices === 'number' ? choices : 1;
}

/**
 * The client's headers that a relay passes on: never its key, cookies or host. The names that start with `anthropic-` are an
 * open list (code.claude.com, "LLM gateway protocol"): a new one means something to the maker of the protocol. With those of
 * the trace.
 */
export function passedHeaders({ headers }: Exchange, trace: TraceHeaders): Record<string, string> {
  const passed: Record<string, string> = {};
  for (const name of Object.keys(headers)) {
    const value = name === 'openai-beta' || name.startsWith('anthropic-') ? headers[name] : undefined;
    if (value !== undefined) passed[name] = value;
  }
  return Object.assign(passed, trace);
}
