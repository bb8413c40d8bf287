import type { Dialect } from '../dialects/dialect.ts';
import type { Opener } from '../reasoning/sealer.ts';
import { estimateRequest } from '../routing/tokens.ts';

/** Sealed parts are not counted. */
const withoutOpening: Opener = { open: () => undefined };

/**
 * The answer to Anthropic's `count_tokens`: an estimate that suits every provider, since the request is not routed yet. No
 * provider is asked, because Claude Code sends about 25 of these requests for one `/context`.
 * @throws GatewayError `invalid-request`, naming the field.
 */
export function countTokens(dialect: Dialect, body: unknown): { input_tokens: number } {
  return { input_tokens: estimateRequest(dialect.readRequest(body, withoutOpening)).total };
}
