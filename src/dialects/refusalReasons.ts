/**
 * Finish reasons by which a content filter or a model's maker ends an answer, in any dialect. Gateways pass Gemini's on
 * alone or as `content_filter: PROHIBITED_CONTENT`, `guardrail_intervened`, `sensitive`, `refusal`.
 */
const refusals =
  /^(?:finish_reason_)?(?:content_?filter(?:ed)?(?:_.*)?|sensitive|(?:image_)?safety|refusal|refused|(?:image_)?prohibited_content|blocklist|(?:image_)?recitation|spii|language|model_armor|guardrail_intervened|moderation|flagged|blocked|responsible_ai_policy.*)$/;

/** Calls that the model wrote wrongly: another attempt may get them right. */
const faults =
  /^(?:finish_reason_)?(?:malformed_function_call|unexpected_tool_call|malformed_tool_call|malformed_response|too_many_tool_calls)$/;

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

/** Characters of a reason that are shown. */
const shown = 100;

/** For an answer that has no text of its own: clients would show nothing. */
export function explainRefusal(raw: string): string {
  return `The provider's content filter stopped the answer (${raw.slice(0, shown)}).`;
}
