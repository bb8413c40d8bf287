import type { ChatRequest } from '../canonical/request.ts';
import { route, type RouteDecision, type RouteFacts, type Target } from '../routing/route.ts';
import { createCompactionAffinity } from './compactionAffinity.ts';
import type { Exchange } from './exchange.ts';
import type { GatewayParts } from './gatewayParts.ts';
import { conversationOf, hasModel, roleOf } from './requestForTarget.ts';

/** Chooses the targets of a request, with what the gateway knows of its client and its conversation. */
export type RequestRouter = {
  /** @throws GatewayError `not-found`: see routing/route.ts. */
  route(exchange: Exchange, request: ChatRequest): RouteDecision;
  /** Remembers which target answered, for the compaction of the conversation. */
  noteAnswer(exchange: Exchange, request: ChatRequest, target: Target, decision: RouteDecision): void;
};

export function createRequestRouter(
  parts: Pick<GatewayParts, 'settings' | 'scope' | 'health' | 'clock'>,
): RequestRouter {
  const affinity = createCompactionAffinity();

  return {
    route(exchange, request) {
      const { config, providers } = parts.settings();
      const isEnabled = (name: string): boolean =>
        providers.find((provider) => provider.name === name)?.enabled ?? false;
      const facts: RouteFacts = { health: parts.health, nowMs: parts.clock.now(), isEnabled };
      const scope = exchange.scope === undefined ? undefined : parts.scope(exchange.scope);
      const frontend = exchange.client === 'claude-code' ? 'claudeCode' : 'codex';
      const decision = route(config, { model: request.model, preset: exchange.preset, scope, frontend }, facts);
      if (roleOf(exchange, request) !== 'compaction') return decision;
      const isUsable = (target: Target): boolean =>
        hasModel(config, target) && isEnabled(target.provider) && !parts.health.isOnCooldown(target, facts.nowMs);
      return affinity.apply(conversationOf(exchange, request), decision, isUsable);
    },

    noteAnswer(exchange, request, target, decision) {
      if (roleOf(exchange, request) !== 'turn') return;
      affinity.note(conversationOf(exchange, request), target, decision.parameters);
    },
  };
}
