import type { Wording } from '../../canonical/wording.ts';
import type { Span } from './document.ts';

export type CompletionKind = 'model' | 'preset' | 'route' | 'provider' | 'transformer' | 'variable' | 'snippet';

export type Completion = {
  label: string;
  kind: CompletionKind;
  /** One line. */
  detail?: string | Wording;
  /** The text to insert in place of `span`. */
  insert: string;
  span: Span;
  /** `insert` is a snippet: `$1` is a place for the cursor, and other `$` are escaped. */
  isSnippet?: boolean;
};

/** Of a text that is inserted as it is. */
export function escapeSnippet(text: string): string {
  return text.replaceAll(/[\\$}]/g, String.raw`\$&`);
}
