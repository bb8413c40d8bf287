import { isObject } from '../canonical/json.ts';
import type { DialectId, JsonObject } from '../canonical/request.ts';
import { chain } from '../canonical/stage.ts';
import { readThinking } from '../reasoning/readThinking.ts';
import { thinkingIsOff } from './bodyEdits.ts';
import type { Quirks, Relayed } from './provider.ts';
import type { Transformer, WireQuirks } from './quirk.ts';
import { thinkTagOptions } from './transformers.ts';

/** The providers' own stages, followed by the one that reads thinking at the beginning of a text. */
export function deltaStages(
  protocol: DialectId,
  wires: readonly WireQuirks[],
  transformers: readonly Transformer[],
): Quirks['deltas'] {
  const stages = wires.flatMap((wire) => wire.deltas ?? []).map(({ stage }) => stage);
  const asked = thinkTagOptions(transformers);
  const known = wires.flatMap((wire) => wire.think?.tags ?? []);
  const clean = protocol !== 'openai-chat' || known.includes('none');
  const opening = { isTold: asked?.impliedOpener === true, isLikely: known.includes('closer-alone') };
  const reads = asked !== undefined || !clean;
  if (!reads && stages.length === 0) return undefined;
  return (opener) =>
    [...stages, ...(reads ? [readThinking(opening, opener)] : [])].reduce((before, stage) => chain(before, stage));
}

/**
 * Whether complete pairs of tags in its text may be thoughts: not where they never are, or the
 * provider writes its own protocol, unless the user asked for it.
 */
export function mayLeaveThoughts(
  wires: readonly WireQuirks[],
  transformers: readonly Transformer[],
  frames: Relayed,
): boolean {
  const isClean = frames === 'frames' || wires.some(({ think }) => think?.tags === 'none');
  return thinkTagOptions(transformers) !== undefined || !isClean;
}

/** Whether a Chat Completions body, as it is sent, turns thinking off in any form that a provider knows. */
export function turnsThinkingOff(body: JsonObject): boolean {
  const template = body['chat_template_kwargs'];
  return (
    thinkingIsOff(body) ||
    body['reasoning_effort'] === 'none' ||
    body['enable_thinking'] === false ||
    (isObject(template) && (template['enable_thinking'] === false || template['thinking'] === false))
  );
}
