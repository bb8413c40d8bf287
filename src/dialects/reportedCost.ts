import type { JsonObject } from '../canonical/request.ts';
import { looseNumber, looseObject } from './loose.ts';

/**
 * What a usage object says that the answer cost, in USD. Only one with `is_byok` or `cost_details` counts, as OpenRouter writes
 * it (its "Usage accounting", where a credit is a USD): others may mean something else by `cost`. With a key of the user's own
 * at the provider, `cost` is the fee alone, and the provider's price is beside it.
 */
export function readCost(usage: JsonObject): number | undefined {
  const cost = looseNumber(usage['cost']);
  const details = looseObject(usage['cost_details']);
  const isByok = usage['is_byok'];
  if (cost === undefined || cost < 0 || (details === undefined && typeof isByok !== 'boolean')) return undefined;
  return cost + (isByok === true ? Math.max(0, looseNumber(details?.['upstream_inference_cost']) ?? 0) : 0);
}
