import { GatewayError } from '../canonical/errors.ts';
import { isRouteName, parseTarget, routeText } from '../config/routes.ts';
import type { Config } from '../config/schema.ts';
import type { ScopeChoice } from '../routing/route.ts';

/** What each window chose. A window that chose nothing has no entry: the config's own routing counts for it. */
export type Scopes = {
  get(id: string): ScopeChoice | undefined;
  /** @throws GatewayError `not-found` for a preset or route that the config does not have. */
  set(id: string, choice: ScopeChoice | null, config: Config): void;
  all(): Record<string, ScopeChoice>;
};

export function createScopes(): Scopes {
  const choices = new Map<string, ScopeChoice>();
  return {
    get: (id) => choices.get(id),
    set(id, choice, config) {
      if (choice === null) {
        choices.delete(id);
        return;
      }
      requireKnown(choice, config);
      choices.set(id, choice);
    },
    all: () => Object.fromEntries(choices),
  };
}

function requireKnown(choice: ScopeChoice, config: Config): void {
  if ('preset' in choice) {
    if (!Object.hasOwn(config.Presets, choice.preset))
      throw new GatewayError('not-found', `There is no preset "${choice.preset}".`);
    return;
  }
  const known = isRouteName(choice.route) ? routeText(config.Router, choice.route) : parseTarget(choice.route);
  if (!known) throw new GatewayError('not-found', `There is no route "${choice.route}".`);
}
