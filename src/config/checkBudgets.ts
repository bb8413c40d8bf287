import { worded, wording } from '../canonical/wording.ts';
import type { Places, Problem } from './problems.ts';
import type { Config } from './schema.ts';
import { didYouMean, suggestion } from './suggest.ts';

/**
 * The config without the budgets that name an unknown preset, with a problem for each. One whose preset is left out of what was
 * `written` still limits what is spent.
 */
export function withoutUnknownBudgets(
  config: Config,
  written: Config,
  places: Places,
): { config: Config; problems: Problem[] } {
  const problems: Problem[] = [];
  const Budgets = config.Budgets.filter(({ preset }, index) => {
    if (preset === undefined || Object.hasOwn(written.Presets, preset)) return true;
    const suggested = suggestion(preset, Object.keys(config.Presets));
    const said = wording('This budget is ignored: there is no preset "{0}".', preset);
    problems.push({
      severity: 'error',
      code: 'unknown-preset',
      ...worded(said, didYouMean(suggested)),
      suggestion: suggested,
      ...places.ofValue(['Budgets', index, 'preset']),
    });
    return false;
  });
  return { config: { ...config, Budgets }, problems };
}
