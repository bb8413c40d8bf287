import { isObject, parseJson } from '../../canonical/json.ts';
import type { JsonObject } from '../../canonical/request.ts';
import { takes } from '../../canonical/toolArguments.ts';
import {
  callOf,
  pairsIn,
  readParameterText,
  wholeCalls,
  type MarkupCall,
  type MarkupGrammar,
  type SchemaOf,
} from './markupCalls.ts';

// Families whose parameters nest, or state their types.

/** MiniMax M3 puts it in front of each tag, so that values may hold anything that looks like one. */
const namespace = ']<]minimax[>[';

const m3Tag = /^<(\/?)([^<>\s]+)(?: name="([^"]+)")?>([\s\S]*)$/;

type Node = { tag: string; name: string; text: string; children: Node[] };

/** MiniMax M3, chat template in its repository: a tag for each parameter, `item` for those of a list (mlx-lm#1416, vllm#51073). */
export const minimaxM3: MarkupGrammar = {
  openers: [`${namespace}<tool_call>`],
  closers: [`${namespace}</tool_call>`],
  begins: /^\]<\]minimax\[>\[<tool_call>\s*\]<\]minimax\[>\[<invoke name=/,
  inReasoning: true,
  read(section, schemaOf) {
    const [before, ...pieces] = section.split(namespace);
    const root = before === '' ? treeOf(pieces) : undefined;
    const invokes = root?.children[0]?.children ?? [];
    if (root?.children.length !== 1 || !invokes.every(({ tag }) => tag === 'invoke')) return [];
    return invokes.map(({ name, children }) => ({ name, input: JSON.stringify(objectOf(children, schemaOf(name))) }));
  },
};

/** The tags as a tree; undefined where they do not fit together. The last section may lack its end. */
function treeOf(pieces: readonly string[]): Node | undefined {
  const root: Node = { tag: '', name: '', text: '', children: [] };
  const open = [root];
  for (const piece of pieces) {
    const [, slash, tag = '', name = '', text = ''] = m3Tag.exec(piece) ?? [];
    const top = open.at(-1);
    if (slash === undefined || !top) return undefined;
    if (slash === '') {
      const node: Node = { tag, name, text, children: [] };
      top.children.push(node);
      open.push(node);
    } else if (open.pop()?.tag !== tag) {
      return undefined;
    }
  }
  const isWhole = open.length === 1 || (open.length === 2 && open[1]?.tag === 'tool_call');
  return isWhole ? root : undefined;
}

function objectOf(nodes: readonly Node[], schema: JsonObject | undefined): JsonObject {
  const properties = schema?.['properties'];
  const schemaOf = (tag: string): unknown => (isObject(properties) && Object.hasOwn(properties, tag) ? properties[tag] : undefined); // prettier-ignore
  return Object.fromEntries(nodes.map((node) => [node.tag, valueOf(node, schemaOf(node.tag))]));
}

function valueOf({ text, children }: Node, schema: unknown): unknown {
  const declared = isObject(schema) ? schema : undefined;
  if (children.length === 0) return declared && !takes(declared, 'string') ? (parseJson(text) ?? text) : text;
  if (children.every(({ tag }) => tag === 'item')) return children.map((child) => valueOf(child, declared?.['items']));
  return objectOf(children, declared);
}

const k3Call = /(?:<\|open\|>)?call tool="([^"]+)"(?: index="\d+")?<\|sep\|>([\s\S]*?)(?:<\|close\|>)?call<\|sep\|>/g;
const k3Argument = /<\|open\|>argument key="([^"]+)"(?: type="(\w+)")?<\|sep\|>([\s\S]*?)(?:<\|close\|>)?argument<\|sep\|>/g; // prettier-ignore
/** What a turn ends with. */
const k3End = /(?:<\|close\|>)?(?:response|tools)?(?:message)?<\|sep\|>(?:<\|end_of_msg\|>)?|<\|end_of_msg\|>/g;
const k3Ends = /^(?:\s|<\|close\|>(?:response|tools|message)+<\|sep\|>|<\|end_of_msg\|>)*$/;

/**
 * Kimi K3's channels, its own encoding (llama.cpp#26185, xgrammar#806). Calls stand at the end of a turn, with the ends of the
 * channels around them. Some of the marks get lost where a server drops special tokens (oh-my-pi#8495).
 */
export const kimiK3: MarkupGrammar = {
  openers: ['<|open|>tools<|sep|>', '<|open|>toolscall ', '<|close|>response<|sep|>', '<|close|>message<|sep|>'],
  closers: [],
  begins: /^(?:<\|close\|>response<\|sep\|>)?\s*(?:<\|open\|>tools|<\|close\|>message|$)/,
  inReasoning: true,
  leftover: k3Ends,
  read(section, schemaOf) {
    const [, calls] =
      /^(?:<\|close\|>response<\|sep\|>)?\s*<\|open\|>tools(?:<\|sep\|>)?([\s\S]*)$/.exec(section) ?? [];
    if (calls === undefined) return [];
    const last = calls.lastIndexOf('call<|sep|>') + 'call<|sep|>'.length;
    if (calls.slice(last).replaceAll(k3End, '').trim() !== '') return [];
    return wholeCalls(
      calls.slice(0, last),
      k3Call,
      ([, name = '', given = '']) =>
      callOf(name, pairsIn(given, k3Argument, ([, key = '', type = '', value = '']) => [key, k3Value(value, type, schemaOf(name), key)])), // prettier-ignore
    );
  },
};

function k3Value(value: string, type: string, schema: JsonObject | undefined, key: string): unknown {
  if (type === 'string') return value;
  return type === '' ? readParameterText(value, schema, key) : (parseJson(value) ?? value);
}

const gemmaCall = /call:([\w.-]+)(\{[\s\S]*?\})(?=\s*(?:<\|tool_call>|<tool_call\|>|$))/g;
const gemmaPart = /<\|"\|>([\s\S]*?)<\|"\|>|"(?:[^"\\]|\\.)*(?:"|$)|([A-Za-z_][\w.-]*)(\s*:)?/g;

/** Gemma 4, chat template in its repository: JSON whose keys have no quotes and whose strings have tokens for them (llama.cpp#21384). */
export const gemma: MarkupGrammar = {
  openers: ['<|tool_call>'],
  closers: ['<tool_call|>'],
  begins: /^<\|tool_call>\s*call:/,
  inReasoning: true,
  read: (section) =>
    wholeCalls(section.replaceAll(/<\|tool_call>|<tool_call\|>/g, ''), gemmaCall, ([, name = '', given = '']) =>
      gemmaObject(name, given),
    ),
};

function gemmaObject(name: string, given: string): MarkupCall | undefined {
  const json = given.replaceAll(gemmaPart, (part: string, text?: string, word?: string, colon?: string) => {
    if (text !== undefined) return JSON.stringify(text);
    if (word === undefined) return part;
    return colon === undefined ? word : `${JSON.stringify(word)}:`;
  });
  const value = parseJson(json);
  return isObject(value) ? { name, input: JSON.stringify(value) } : undefined;
}

const pythonCall = /(?<![\w.-])([\w.-]+)\(((?:[^()"']|"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')*)\)\s*(?:,|$)/g;
const pythonPair = /(\w+)\s*=\s*("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|\[[^\]]*\]|\{[^}]*\}|[^,"'()[\]{}]+)\s*(?:,|$)/g;

/** LFM2, chat template in its repository: calls as Python writes them. */
export const lfm: MarkupGrammar = {
  openers: ['<|tool_call_start|>'],
  closers: ['<|tool_call_end|>'],
  begins: /^<\|tool_call_start\|>\s*\[[\w.-]+\(/,
  inReasoning: true,
  read: (section) => pythonCalls(section.replaceAll(/<\|tool_call_(?:start|end)\|>/g, '').trim()),
};

function pythonCalls(text: string): MarkupCall[] {
  const [, calls] = /^\[([\s\S]*)\]$/.exec(text) ?? [];
  if (calls === undefined) return [];
  return wholeCalls(calls, pythonCall, ([, name = '', given = '']) =>
    callOf(
      name,
      pairsIn(given.trim(), pythonPair, ([, key = '', value = '']) => [key, pythonValue(value.trim())]),
    ),
  );
}

const pythonWords: Record<string, unknown> = { True: true, False: false, None: null };

function pythonValue(value: string): unknown {
  if (Object.hasOwn(pythonWords, value)) return pythonWords[value];
  const [, single] = /^'([\s\S]*)'$/.exec(value) ?? [];
  if (single === undefined) return parseJson(value) ?? value;
  const text = single.replaceAll(/\\'|"/g, (each) => (each === '"' ? String.raw`\"` : "'"));
  return parseJson(`"${text}"`) ?? single;
}

/** `invoke` without the tag that should stand around it (claude-code#64179, claude-code#71508). */
const invokeName = /^<(?:antml:)?invoke name="[^"\n]+">\s*<(?:(?:antml:)?parameter name=|\/)/;

const prefixes = ['', 'antml:'];

export function bareInvokes(read: (section: string, schemaOf: SchemaOf) => MarkupCall[]): MarkupGrammar {
  return {
    openers: prefixes.map((prefix) => `<${prefix}invoke name="`),
    closers: prefixes.map((prefix) => `</${prefix}invoke>`),
    begins: invokeName,
    inReasoning: false,
    read: (section, schemaOf) => (invokeName.test(section) ? read(section, schemaOf) : []),
  };
}
