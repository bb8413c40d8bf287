import { GatewayError } from '../canonical/errors.ts';
import type { HostedTool } from '../canonical/request.ts';
import { isSameTarget } from '../config/routes.ts';
import { isSearchTool } from '../routing/hostedTool.ts';
import type { RouteCandidate, RouteDecision, Target } from '../routing/route.ts';

/** What routing needs to know of the targets for a request that only a hosted tool can answer. */
export type HostedToolFacts = {
  /** The target of `Router.webSearch`, if it can be asked. */
  searchTarget: Target | undefined;
  /** Why it can't be asked though the config has it, as a sentence. */
  whySearchIsOff?: string | undefined;
  /** Whether a target's provider runs the tool itself. */
  runs(target: Target, tool: HostedTool): boolean;
};

/**
 * Leaves only targets that can do what the request depends on: for a web search the route `webSearch` first, then those that
 * run the tool themselves. Any other model would invent what it did not look up.
 * @throws GatewayError `unsupported` when there is none.
 */
export function routeHostedTool(decision: RouteDecision, tool: HostedTool, facts: HostedToolFacts): RouteDecision {
  const isNamed = decision.reason === 'direct' || decision.reason === 'preset' || decision.reason === 'scope';
  const search = isSearchTool(tool) && !isNamed ? facts.searchTarget : undefined;
  const able = decision.candidates.filter(({ target }) => facts.runs(target, tool));
  const found: RouteCandidate | undefined = search && { target: search, position: 'matched' };
  const candidates = found ? [found, ...able.filter(({ target }) => !isSameTarget(target, found.target))] : able;
  if (candidates.length === 0) throw cannotRun(tool, isNamed ? undefined : facts.whySearchIsOff);
  const targets = candidates.map(({ target }) => target);
  if (!found) return { ...decision, targets, candidates };
  return { ...decision, targets, candidates, matched: found.target, reason: 'web-search' };
}

function cannotRun(tool: HostedTool, whySearchIsOff: string | undefined): GatewayError {
  const remedy = isSearchTool(tool)
    ? (whySearchIsOff ??
      'Set Router.webSearch to a model that searches the web, or use a provider that runs this tool.')
    : 'Use a provider that runs this tool.';
  return new GatewayError('unsupported', `No configured target can run the hosted tool ${tool.name}. ${remedy}`, {
    param: 'tools',
  });
}
