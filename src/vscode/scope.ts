import { findNamed } from '../canonical/lists.ts';
import { createHash } from 'node:crypto';
import { sharedScope } from '../clients/sharedScope.ts';
import { parseTarget } from '../config/routes.ts';
import type { ControlClient } from '../control/client.ts';
import type { GatewayState } from '../control/protocol.ts';
import type { ScopeChoice } from '../routing/route.ts';

/** A window's part of the URL: stable for its workspace. A window without one has its own, from `emptyScope`. */
export function scopeId(workspaceUri: string | undefined, emptyScope: () => string): string {
  return workspaceUri === undefined
    ? emptyScope()
    : createHash('sha256').update(workspaceUri).digest('hex').slice(0, 12);
}

type Names = Pick<GatewayState, 'presets' | 'routes'>;

/**
 * What a choice names: a preset, else a route (a preset hides a route of the same name), else
 * `provider,model`. null: the config's own routing. undefined: unknown to the config.
 */
export function choiceOf(name: string, { presets, routes }: Names): ScopeChoice | null | undefined {
  if (name === '') return null;
  if (presets.some((preset) => preset.name === name)) return { preset: name };
  if (routes.some((route) => route.name === name) || parseTarget(name)) return { route: name };
  return undefined;
}

/** The name of a window's choice; undefined for the config's own routing. */
export function choiceName(choice: ScopeChoice | undefined): string | undefined {
  if (!choice) return undefined;
  return 'preset' in choice ? choice.preset : choice.route;
}

/** The provider that would answer this window, if all it lacks is an API key. */
export function keylessProvider(
  { providers, presets, routes, scopes }: GatewayState,
  scope: string,
): string | undefined {
  const choice = scopes[scope] ?? { route: 'default' };
  const text = 'preset' in choice ? findNamed(presets, choice.preset)?.route : choice.route;
  const target = findNamed(routes, text)?.target ?? text ?? '';
  const provider = parseTarget(target)?.provider;
  return providers.find(({ name, needsKey }) => name === provider && needsKey)?.name;
}

/** Keeps the gateway's choice for this window in sync with the window's own. */
export type ScopeKeeper = {
  /** Call for each gateway that this window connects to. Resolves with its state after the choice is set. */
  introduce(client: ControlClient, state: GatewayState): Promise<GatewayState>;
  /**
   * Call when the choice or the config has changed. Sends only what differs from what this window sent last: another
   * window with the same scope may have changed the choice since, and two windows must not keep overwriting each other.
   */
  refresh(client: ControlClient, state: GatewayState): Promise<void>;
};

export type ScopeKeeperParts = {
  scope: string;
  /** What the window uses, from its ChoiceStore. */
  chosen(): string;
  /** The choice names something unknown to the config, so the config's own routing applies. */
  onUnknown(name: string): void;
};

export function createScopeKeeper({ scope, chosen, onUnknown }: ScopeKeeperParts): ScopeKeeper {
  let sent: string | undefined;
  let reported: string | undefined;

  function wanted(state: GatewayState): ScopeChoice | null {
    const name = chosen();
    const choice = choiceOf(name, state);
    if (choice === undefined && reported !== name) onUnknown(name);
    reported = choice === undefined ? name : undefined;
    return choice ?? null;
  }

  async function send(client: ControlClient, choice: ScopeChoice | null): Promise<GatewayState> {
    const state = await client.setScope(scope, choice);
    sent = JSON.stringify(choice);
    return state;
  }

  /** For clients that no window starts. A choice that the user has just made counts, and one for a gateway that has none. */
  async function share(client: ControlClient, choice: ScopeChoice | null): Promise<GatewayState> {
    return client.setScope(sharedScope, choice);
  }

  return {
    async introduce(client, state) {
      const choice = wanted(state);
      const introduced = await send(client, choice);
      return choice === null || state.scopes[sharedScope] ? introduced : share(client, choice);
    },
    async refresh(client, state) {
      const choice = wanted(state);
      if (JSON.stringify(choice) === sent) return;
      await send(client, choice);
      await share(client, choice);
    },
  };
}
