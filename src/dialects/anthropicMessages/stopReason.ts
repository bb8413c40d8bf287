import { GatewayError } from '../../canonical/errors.ts';
import type { Delta, FinishReason } from '../../canonical/events.ts';
import { explainRefusal, isLengthReason, isModelFault, isRefusalReason, modelFault } from '../refusalReasons.ts';
import type { ContentSeen } from '../dialect.ts';
import type { Ending } from './readEvent.ts';

/** The deltas for the end of a reply. Unknown stop reasons count as a normal end. Empty if there is no reason. */
export function readEnding(ending: Ending, answered: ContentSeen): Delta[] {
  const { stop_reason: raw, stop_sequence: stopSequence, stop_details: details } = ending;
  if (!raw) return [];
  if (raw === 'model_context_window_exceeded' && !answered.content && !answered.calls) {
    const message = "The request is longer than the model's context window.";
    return [{ type: 'error', error: new GatewayError('context-length', message, { code: raw }) }];
  }
  if (isModelFault(raw)) return [{ type: 'error', error: modelFault(raw) }];
  const finish = {
    type: 'finish' as const,
    reason: readReason(raw, answered),
    raw,
    ...(raw === 'stop_sequence' && stopSequence && { stopSequence }),
  } satisfies Delta;
  const isRefusal = finish.reason === 'content-filter';
  const isSilent = isRefusal && !answered.content && !answered.calls;
  const explanation = isRefusal ? details?.explanation || (isSilent ? explainRefusal(raw) : undefined) : undefined;
  // Other dialects have no field for the explanation, so it goes into the answer.
  return explanation ? [{ type: 'refusal-delta', key: 'refusal', text: explanation }, finish] : [finish];
}

function readReason(raw: string, { calls }: ContentSeen): FinishReason {
  switch (raw) {
    case 'tool_use':
      return 'tool-calls';
    default:
      if (isLengthReason(raw)) return 'length';
      if (isRefusalReason(raw)) return 'content-filter';
      // `end_turn`, `stop_sequence`, `pause_turn`.
      return calls ? 'tool-calls' : 'stop';
  }
}

/** Stop reasons that are more specific than the canonical ones. They are passed on unchanged. */
const ownReasons: Record<string, FinishReason> = {
  stop_sequence: 'stop',
  pause_turn: 'stop',
  model_context_window_exceeded: 'length',
};

export function writeReason(reason: FinishReason, raw = ''): string {
  if (Object.hasOwn(ownReasons, raw) && ownReasons[raw] === reason) return raw;
  switch (reason) {
    case 'stop':
      return 'end_turn';
    case 'length':
      return 'max_tokens';
    case 'tool-calls':
      return 'tool_use';
    case 'content-filter':
      return 'refusal';
    default:
      return reason satisfies never;
  }
}
