import type { DialectId, Message, Part } from './request.ts';

/**
 * The messages as `dialect` can write them: native parts of other dialects become their `textForOtherDialects`, or are
 * left out if they have none. A message that becomes empty is left out too.
 */
export function describeNatives(messages: readonly Message[], dialect: DialectId): readonly Message[] {
  if (!messages.some(({ parts }) => hasForeign(parts, dialect))) return messages;
  return messages.flatMap((message) => {
    const parts = message.parts.flatMap((part) => describePart(part, dialect));
    return parts.length > 0 || message.parts.length === 0 ? [{ ...message, parts }] : [];
  });
}

function hasForeign(parts: readonly Part[], dialect: DialectId): boolean {
  for (const part of parts) {
    if (part.type === 'tool-result' && hasForeign(part.parts, dialect)) return true;
    if (part.type === 'native' && part.dialect !== dialect) return true;
  }
  return false;
}

function describePart(part: Part, dialect: DialectId): Part[] {
  if (part.type === 'tool-result')
    return [{ ...part, parts: part.parts.flatMap((inner) => describePart(inner, dialect)) }];
  if (part.type !== 'native' || part.dialect === dialect) return [part];
  const { textForOtherDialects: text, cacheControl } = part;
  return text === undefined ? [] : [{ type: 'text', text, ...(cacheControl && { cacheControl }) }];
}
