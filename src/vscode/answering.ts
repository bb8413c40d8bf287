import { findNamed } from '../canonical/lists.ts';
import { t } from './l10n.ts';
import { parseTarget } from '../config/routes.ts';
import type { GatewayState, RequestView, TargetView } from '../control/protocol.ts';
import { choiceName } from './scope.ts';

/** What this window asks for, and what answers it. */
export type Answering = {
  /** A preset, a route or `provider,model`; undefined for the config's own routing. */
  chosen: string | undefined;
  /** The target of that, as `provider,model`; undefined if there is none. */
  wanted: string | undefined;
  /** The target that answered last, if another than the wanted one had to. */
  instead: string | undefined;
  /** Why the wanted target does not answer now. */
  trouble: string | undefined;
};

const failing: readonly TargetView['state'][] = ['failing', 'cooldown', 'open', 'off'];

export function answering(state: GatewayState, scope: string, last: RequestView | undefined): Answering {
  const chosen = choiceName(state.scopes[scope]);
  const wanted = targetOf(chosen ?? 'default', state);
  const trouble = state.source === 'demo' ? undefined : troubleOf(wanted, state);
  const instead =
    trouble !== undefined && last?.target !== undefined && last.target !== wanted ? last.target : undefined;
  return { chosen, wanted, instead, trouble };
}

/** `provider,model` of a preset or route. A preset hides a route of the same name. */
export function targetOf(
  name: string,
  { presets, routes }: Pick<GatewayState, 'presets' | 'routes'>,
): string | undefined {
  const route = findNamed(presets, name)?.route ?? name;
  const target = findNamed(routes, route)?.target ?? route;
  return parseTarget(target) ? target : undefined;
}

function troubleOf(wanted: string | undefined, { providers, targets }: GatewayState): string | undefined {
  const reference = parseTarget(wanted ?? '');
  if (!reference) return t('it names no provider and model');
  const provider = findNamed(providers, reference.provider);
  if (!provider) return t('the config has no provider {0}', reference.provider);
  if (!provider.enabled) return provider.reason ?? t('{0} is off', provider.name);
  const view = targets.find(({ target }) => target === wanted);
  if (!view || !failing.includes(view.state)) return undefined;
  // A cooldown outlives a restart; the provider's words do not.
  return view.lastFailure?.message ?? t('on cooldown after a failure');
}

/** The worst of a provider's targets, for one line about it. Undefined if no route uses the provider. */
export function worstTarget(provider: string, targets: readonly TargetView[]): TargetView | undefined {
  const order: readonly TargetView['state'][] = ['open', 'cooldown', 'failing', 'off', 'ok', 'unknown'];
  const own = targets.filter(({ target }) => parseTarget(target)?.provider === provider);
  return own.toSorted((a, b) => order.indexOf(a.state) - order.indexOf(b.state))[0];
}
