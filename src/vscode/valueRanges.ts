import * as vscode from 'vscode';
import { readDocument, valueSpanAt } from '../config/language/document.ts';
import { rangeOf } from './configLanguageDocument.ts';

/** Reads a config file that is open: finds the range of the value at a place. */
export function valueRangesIn(document: vscode.TextDocument): (start: vscode.Position) => vscode.Range | undefined {
  const read = readDocument(document.getText());
  return (start) => {
    const span = read && valueSpanAt(read, document.offsetAt(start));
    return span && rangeOf(span, document);
  };
}
