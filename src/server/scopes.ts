import { GatewayError } from '../canonical/errors.ts';
import { isRouteName, parseTarget, routeText } from '../config/routes.ts';
import type { Config } from '../config/schema.ts';
import type { ScopeChoice } from '../routing/route.ts';

/** What each window chose. A window that chose nothing has no entry: the config's own routing counts for it. */
export type Scopes = {
  /** Undefined also while the config does not have what was chosen: a preset may be gone for a while, or for good. */
  get(id: string, config: Config): ScopeChoice | undefined;
  /** @throws GatewayError `not-found` for a preset or route that the config does not have. */
  set(id: string, choice: ScopeChoice | null, config: Config): void;
  all(config: Config): Record<string, ScopeChoice>;
};

export function createScopes(): Scopes {
  const choices = new Map<string, ScopeChoice>();
  return {
    get(id, config) {
      const choice = choices.get(id);
      return choice && isKnown(choice, config) ? choice : undefined;
    },
    set(id, choice, config) {
      if (choice === null) {
        choices.delete(id);
        return;
      }
      if (!isKnown(choice, config)) throw new GatewayError('not-found', `There is no ${describe(choice)}.`);
      choices.set(id, choice);
    },
    all: (config) => Object.fromEntries([...choices].filter(([, choice]) => isKnown(choice, config))),
  };
}

function isKnown(choice: ScopeChoice, { Presets, Router }: Config): boolean {
  if ('preset' in choice) return Object.hasOwn(Presets, choice.preset);
  return (isRouteName(choice.route) ? routeText(Router, choice.route) : parseTarget(choice.route)) !== undefined;
}

function describe(choice: ScopeChoice): string {
  return 'preset' in choice ? `preset "${choice.preset}"` : `route "${choice.route}"`;
}
