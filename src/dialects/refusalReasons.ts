import { GatewayError } from '../canonical/errors.ts';

/**
 * Finish reasons by which a content filter or a model's maker ends an answer, in any dialect. Gateways pass Gemini's on
 * alone or as `content_filter: PROHIBITED_CONTENT`, `guardrail_intervened`, `sensitive`, `refusal`.
 */
const refusals =
  /^(?:finish_reason_)?(?:content_?filter(?:ed)?(?:_.*)?|sensitive|(?:image_)?safety|refusal|refused|(?:image_)?prohibited_content|blocklist|(?:image_)?recitation|spii|language|model_armor|guardrail_intervened|moderation|flagged|blocked|responsible_ai_policy.*)$/;

/** Calls that the model wrote wrongly: another attempt may get them right. */
const faults =
  /^(?:finish_reason_|function_call_filter_)?(?:malformed_function_call|unexpected_tool_call|malformed_tool_call|malformed_response|too_many_tool_calls)$/;

/** An answer that was cut off at a limit; Mistral calls that of the model `model_length`. */
const lengths =
  /^(?:finish_reason_)?(?:length|incomplete|max_(?:output_|completion_|new_)?tokens?|max_length|model_length|token_limit|(?:model_)?context_(?:length|window)(?:_exceeded)?|truncated)$/;

function plain(raw: string): string {
  return raw
    .trim()
    .toLowerCase()
    .replaceAll(/[^a-z]+/g, '_');
}

export function isRefusalReason(raw: string): boolean {
  return refusals.test(plain(raw));
}

export function isModelFault(raw: string): boolean {
  return faults.test(plain(raw));
}

export function isLengthReason(raw: string): boolean {
  return lengths.test(plain(raw));
}

export function modelFault(raw: string): GatewayError {
  return new GatewayError('upstream', `The model wrote a tool call that cannot be used: ${raw}.`, { code: raw });
}

/** Characters of a reason that are shown. */
const shown = 100;

/** For an answer that has no text of its own: clients would show nothing. */
export function explainRefusal(raw: string): string {
  return `The provider's content filter stopped the answer (${raw.slice(0, shown)}).`;
}
