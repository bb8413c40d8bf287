import {
  applyEdits,
  findNodeAtLocation,
  modify,
  parse,
  parseTree,
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

/** @throws ClientFileError when the text is not of this kind. No text at all is of each. */
export function checkJson(text: string, kind: 'object' | 'array'): void {
  if (text === '') return;
  const errors: ParseError[] = [];
  const value: unknown = parse(text, errors, { allowTrailingComma: true });
  const isKind = kind === 'array' ? Array.isArray(value) : isRecord(value);
  if (errors.length > 0 || !isKind) throw new ClientFileError(`It is not a valid JSON ${kind}.`);
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
