import { verbatim, wording, type Wording } from '../canonical/wording.ts';
import type { FaultyPart, LiveCheck } from './liveCheck.ts';

/** The result for the user: one sentence, and after a fault the provider's message. */
export function describeCheck({ provider, model, key, durationMs, fault }: LiveCheck): Wording[] {
  const target = `${provider},${model}`;
  const checked = key === undefined ? target : wording('{0} with key {1}', target, key);
  if (!fault) return [wording('{0} works ({1} s).', checked, (durationMs / 1000).toFixed(1))];
  return [wording('{0} does not work: {1}', checked, faultTexts[fault.part]), verbatim(fault.message)];
}

/** Precede the provider's message. */
const faultTexts: Record<FaultyPart, Wording> = {
  key: wording('the key or its permissions were rejected.'),
  quota: wording('the key has reached its limit.'),
  model: wording('the model was rejected.'),
  endpoint: wording('the endpoint does not match the config. Check api_base_url and protocol.'),
  connection: wording("it can't be reached."),
  provider: wording('the provider fails.'),
};
