import { GatewayError } from '../canonical/errors.ts';
import { isRouteName, parseTarget, routeText } from '../config/routes.ts';
import type { Config } from '../config/schema.ts';
import type { ScopeChoice } from '../routing/route.ts';

/** The preset or route that each window chose. Without an entry, the config's own routing applies. */
export type Scopes = {
  /** Undefined also while the config lacks the chosen preset or route; the choice applies again when it is back. */
  get(id: string, config: Config): ScopeChoice | undefined;
  /** null removes the choice. @throws GatewayError `not-found` if the config lacks the preset or route. */
  set(id: string, choice: ScopeChoice | null, config: Config): void;
  all(config: Config): Record<string, ScopeChoice>;
  /** The routes and targets that windows chose without a preset. */
  routes(config: Config): string[];
};

export function createScopes(): Scopes {
  const choices = new Map<string, ScopeChoice>();
  const all = (config: Config): Record<string, ScopeChoice> =>
    Object.fromEntries([...choices].filter(([, choice]) => isKnown(choice, config)));
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
      if (!isKnown(choice, config)) throw new GatewayError('not-found', `The config has no ${describe(choice)}.`);
      choices.set(id, choice);
    },
    all,
    routes: (config) => Object.values(all(config)).flatMap((choice) => ('route' in choice ? choice.route : [])),
  };
}

function isKnown(choice: ScopeChoice, { Presets, Router }: Config): boolean {
  if ('preset' in choice) return Object.hasOwn(Presets, choice.preset);
  return (isRouteName(choice.route) ? routeText(Router, choice.route) : parseTarget(choice.route)) !== undefined;
}

function describe(choice: ScopeChoice): string {
  return 'preset' in choice ? `preset "${choice.preset}"` : `route "${choice.route}"`;
}
