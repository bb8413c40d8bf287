import type { DialectId, Message, Part } from './request.ts';

/**
 * The messages as `dialect` can write them: native parts of other dialects become their `textForOtherDialects`, or are
 * left out if they have none. A message that becomes empty is left out too.
 */
export function describeNatives(messages: readonly Message[], dialect: DialectId): readonly Message[] {
  if (!messages.some(({ parts }) => parts.some((part) => hasForeign(part, dialect)))) return messages;
  return messages.flatMap((message) => {
    const parts = message.parts.flatMap((part) => describePart(part, dialect));
    return parts.length > 0 || message.parts.length === 0 ? [{ ...message, parts }] : [];
  });
}

function hasForeign(part: Part, dialect: DialectId): boolean {
  if (part.type === 'tool-result') return part.parts.some((inner) => hasForeign(inner, dialect));
  return part.type === 'native' && part.dialect !== dialect;
}

function describePart(part: Part, dialect: DialectId): Part[] {
  if (part.type === 'tool-result')
    return [{ ...part, parts: part.parts.flatMap((inner) => describePart(inner, dialect)) }];
  if (part.type !== 'native' || part.dialect === dialect) return [part];
  const { textForOtherDialects: text, cacheControl } = part;
  return text === undefined ? [] : [{ type: 'text', text, ...(cacheControl && { cacheControl }) }];
}
