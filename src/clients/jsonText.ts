import {
  applyEdits,
  findNodeAtLocation,
  modify,
  parse,
  parseTree,
  stripComments,
  type JSONPath,
  type Node,
  type ParseError,
} from 'jsonc-parser';
import { ClientFileError } from './clientFileError.ts';

// Edits of JSON with comments that keep all other bytes.

export function nodeAt(text: string, place: JSONPath): Node | undefined {
  const tree = parseTree(text);
  return tree && findNodeAtLocation(tree, place);
}

export function textOf(text: string, { offset, length }: Node): string {
  return text.slice(offset, offset + length);
}

/** @throws ClientFileError when the text is not of this kind. Nothing but blanks and comments is of each. */
export function checkJson(text: string, kind: 'object' | 'array'): void {
  if (!hasValue(text)) return;
  const errors: ParseError[] = [];
  const value: unknown = parse(text, errors, { allowTrailingComma: true });
  const isKind = kind === 'array' ? Array.isArray(value) : isRecord(value);
  if (errors.length > 0 || !isKind) throw new ClientFileError(`It is not a valid JSON ${kind}.`);
}

/** Whether there is more in the text than blanks and comments. */
export function hasValue(text: string): boolean {
  return stripComments(text).trim() !== '';
}

/**
 * The names that lead to the first value on the way to `place` that is not an object, so nothing can be set in it. Undefined if none
 * is in the way.
 */
export function obstacle(text: string, place: JSONPath): JSONPath | undefined {
  const depth = place.findIndex((_, index) => {
    const node = index > 0 ? nodeAt(text, place.slice(0, index)) : undefined;
    return node !== undefined && node.type !== 'object';
  });
  return depth === -1 ? undefined : place.slice(0, depth);
}

function isRecord(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Sets, or for undefined removes, one value; `isInserted`: as an element before the one that is there. */
export function setValue(text: string, place: JSONPath, value: unknown, isInserted = false): string {
  const formattingOptions = { insertSpaces: true, tabSize: 2, eol: text.includes('\r\n') ? '\r\n' : '\n' };
  const edited = applyEdits(text, modify(text, place, value, { formattingOptions, isArrayInsertion: isInserted }));
  return text === '' ? `${edited}\n` : edited;
}
