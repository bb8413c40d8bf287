import { findNodeAtLocation, type Node } from 'jsonc-parser';
import { oneLine } from '../canonical/visibleText.ts';
import { verbatim, type Wording } from '../canonical/wording.ts';

export type JsonPath = readonly (string | number)[];

/** The kinds of problems, for programs. */
export type ProblemCode =
  | 'not-json'
  | 'not-an-object'
  | 'nested-too-deeply'
  | 'duplicate-key'
  | 'unknown-key'
  | 'key-without-effect'
  | 'invalid-value'
  | 'missing-variable'
  | 'missing-key'
  | 'duplicate-provider'
  | 'not-a-target'
  | 'unknown-provider'
  | 'unknown-model'
  | 'unknown-preset'
  | 'unknown-transformer'
  | 'unreachable-rule'
  | 'unsafe-host'
  | 'unreadable-file'
  | 'exposed-file';

/** An error or warning about the config, for users. The message never contains a value that could be a secret. */
export type Problem = {
  severity: 'error' | 'warning';
  code: ProblemCode;
  /** In English. */
  message: string;
  /** The sentences of the message, to be shown in another language. */
  wording?: readonly Wording[];
  /** What may have been meant: the key, or the whole value, to write at the place instead. Never from a variable. */
  suggestion?: string | undefined;
  /** Absolute path. */
  file?: string;
  /** 1-based, as editors count. */
  line?: number;
  /** 1-based, as editors count. */
  column?: number;
  /** Where in the JSON, e.g. `Providers[0].api_key`. */
  path?: string;
};

type Place = Pick<Problem, 'file' | 'line' | 'column' | 'path'>;

/** Finds where a value is in the text that it was parsed from. */
export type Places = {
  /** The place of the value, or of its nearest parent in the text. */
  ofValue(path: JsonPath): Place;
  /** The place of the key before the value. */
  ofKey(path: JsonPath): Place;
  ofOffset(offset: number): Place;
};

export function createPlaces(file: string, text: string, root: Node | undefined): Places {
  const ofOffset = (offset: number): Place => ({ file, ...lineAndColumn(text, offset) });
  const ofNode = (node: Node | undefined, path: JsonPath): Place => ({
    ...(node ? ofOffset(node.offset) : { file }),
    ...(path.length === 0 ? {} : { path: formatPath(path) }),
  });
  const find = (path: JsonPath): Node | undefined => (root ? findNodeAtLocation(root, [...path]) : undefined);

  return {
    ofOffset,
    ofValue(path) {
      for (let length = path.length; length > 0; length--) {
        const node = find(path.slice(0, length));
        if (node) return ofNode(node, path);
      }
      return ofNode(root, path);
    },
    ofKey(path) {
      const node = find(path);
      return ofNode(node?.parent?.type === 'property' ? (node.parent.children?.[0] ?? node) : node, path);
    },
  };
}

export function formatPath(path: JsonPath): string {
  return path
    .map((step, index) => {
      if (typeof step === 'number') return `[${step}]`;
      if (!/^[\w-]+$/.test(step)) return `[${JSON.stringify(step)}]`;
      return index === 0 ? step : `.${step}`;
    })
    .join('');
}

/** `file:line:column: error: message`, as compilers write it: terminals make the place a link. */
export function formatProblem(problem: Omit<Problem, 'code' | 'wording'>): string {
  const place = [problem.file, problem.line, problem.column].filter((part) => part !== undefined).join(':');
  return oneLine(`${place === '' ? '' : `${place}: `}${problem.severity}: ${problem.message}`);
}

/** The same for a window's own language: its place, and its sentences. */
export function problemSentences({ file, line, column, message, wording }: Omit<Problem, 'code'>): Wording[] {
  const place = [file, line, column].filter((part) => part !== undefined).join(':');
  return [...(place === '' ? [] : [verbatim(`${place}:`)]), ...(wording ?? [verbatim(message)])];
}

function lineAndColumn(text: string, offset: number): { line: number; column: number } {
  const before = text.slice(0, offset);
  const breaks = before.match(/\r\n|\n|\r/g)?.length ?? 0;
  const lastBreak = Math.max(before.lastIndexOf('\n'), before.lastIndexOf('\r'));
  return { line: breaks + 1, column: offset - lastBreak };
}
