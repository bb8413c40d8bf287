import type { Message, Part } from '../../canonical/request.ts';
import { readContent, type Reading } from './readBlocks.ts';
import * as wire from './wire.ts';

/**
 * The start of the first block of Claude Code's system prompt. It differs in each session and would defeat prompt caches
 * (claude-code#68900; vllm-mlx#277 measured 50 s with it, 3.65 s without).
 */
const billingHeader = 'x-anthropic-billing-header';

/** `system` without the billing header. Returns the same value if it has none. */
export function withoutBillingHeader(system: wire.RequestBody['system']): wire.RequestBody['system'] {
  if (typeof system === 'string') return isBilling(system) ? system.replace(/^.*(\n+|$)/, '') : system;
  if (!system?.some(isBillingBlock)) return system;
  return system.filter((block) => !isBillingBlock(block));
}

function isBillingBlock(block: unknown): boolean {
  return isBilling(wire.textBlock.safeParse(block).data?.text);
}

function isBilling(text: string | undefined): boolean {
  return text?.startsWith(billingHeader) ?? false;
}

export function readSystem(system: wire.RequestBody['system'], reading: Reading): Message[] {
  const parts = readContent(system, 'system', reading);
  return parts.length > 0 ? [{ role: 'system', parts }] : [];
}

export function readMessages(values: unknown[], reading: Reading): Message[] {
  return values.flatMap((value, index) => {
    const path = `messages[${index}]`;
    const { role, content } = wire.readWire(wire.message, value, path);
    const parts = readContent(content, `${path}.content`, reading);
    checkAllowedParts(role, parts, path);
    return role === 'user' ? splitResults(parts) : [{ role, parts }];
  });
}

function checkAllowedParts(role: Message['role'], parts: Part[], path: string): void {
  if (role !== 'assistant' && parts.some(({ type }) => type === 'tool-call' || type === 'reasoning'))
    throw wire.invalid(
      `${path}.content`,
      `thinking and tool_use blocks are only allowed in assistant messages, not in a message with role ${role}`,
    );
  if (role !== 'user' && parts.some(({ type }) => type === 'tool-result'))
    throw wire.invalid(
      `${path}.content`,
      `tool_result blocks are only allowed in user messages, not in a message with role ${role}`,
    );
}

/** Tool messages contain only results, so other content of the user message becomes separate messages, in order. */
function splitResults(parts: Part[]): Message[] {
  const messages: Message[] = [];
  for (const part of parts) {
    const role = part.type === 'tool-result' ? 'tool' : 'user';
    const last = messages.at(-1);
    if (last?.role === role) last.parts.push(part);
    else messages.push({ role, parts: [part] });
  }
  return messages.length > 0 ? messages : [{ role: 'user', parts: [] }];
}
