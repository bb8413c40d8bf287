import { isObject, parseJson } from '../../canonical/json.ts';
import { takes } from '../../canonical/toolArguments.ts';
import type { JsonObject } from '../../canonical/request.ts';

/** A call as markup states it. `input` is the text of a JSON object. */
export type MarkupCall = { id?: string; name: string; input: string };

/** The parameters' schema of a declared tool, by name; undefined for a tool that was not declared. */
export type SchemaOf = (name: string) => JsonObject | undefined;

/** How one family of models writes calls when no parser of its server takes them out of the text. */
export type MarkupGrammar = {
  /** Each begins a section of calls. */
  openers: readonly string[];
  /** Each ends it. Without any, a section ends with its block of text. */
  closers: readonly string[];
  /** Whether thinking is searched too: only for markup of tokens that no one writes when thinking about calls. */
  inReasoning: boolean;
  /** The calls in a section, which begins with its opener; empty when it holds none that is whole. */
  read(section: string, schemaOf: SchemaOf): MarkupCall[];
};

/** Kimi-K2, docs/tool_call_guidance.md, "Manually parsing tool calls" (llxprt-code#749, hermes-agent#24534). */
const kimi: MarkupGrammar = {
  openers: ['<|tool_calls_section_begin|>'],
  closers: ['<|tool_calls_section_end|>'],
  inReasoning: true,
  read: (section) =>
    matches(
      section,
      /<\|tool_call_begin\|>\s*((?:functions\.)?([\w.-]+):\d+)\s*<\|tool_call_argument_begin\|>([\s\S]*?)<\|tool_call_end\|>/g,
    ).flatMap(([, id = '', name = '', input = '']) => objectCall(name, input, id)),
};

/** DeepSeek V3.2 and V4, encoding_dsv32.py; the bars and the outer name vary (cline#14156, opensquilla#985). */
const dsml: MarkupGrammar = {
  openers: ['｜', '｜｜', '|'].flatMap((bar) =>
    ['function_calls', 'tool_calls'].map((outer) => `<${bar}DSML${bar}${outer}>`),
  ),
  closers: ['｜', '｜｜', '|'].flatMap((bar) =>
    ['function_calls', 'tool_calls'].map((outer) => `</${bar}DSML${bar}${outer}>`),
  ),
  inReasoning: true,
  read: (section, schemaOf) =>
    matches(
      section,
      /<[｜|]{1,2}DSML[｜|]{1,2}invoke name="([^"]+)">([\s\S]*?)<\/[｜|]{1,2}DSML[｜|]{1,2}invoke>/g,
    ).map(([, name = '', inner = '']) => {
      const given = matches(
        inner,
        /<[｜|]{1,2}DSML[｜|]{1,2}parameter name="([^"]+)"(?: string="(true|false)")?>([\s\S]*?)<\/[｜|]{1,2}DSML[｜|]{1,2}parameter>/g,
      ).map(([, key = '', isText, value = '']): [string, unknown] => [
        key,
        isText === 'true'
          ? value
          : isText === 'false'
            ? (parseJson(value) ?? value)
            : typed(value, schemaOf(name), key),
      ]);
      return { name, input: JSON.stringify(Object.fromEntries(given)) };
    }),
};

/** DeepSeek V3 and V3.1, chat templates in their repositories. */
const deepseekTokens: MarkupGrammar = {
  openers: ['<｜tool▁calls▁begin｜>'],
  closers: ['<｜tool▁calls▁end｜>'],
  inReasoning: true,
  read: (section) =>
    matches(section, /<｜tool▁call▁begin｜>([\s\S]*?)<｜tool▁sep｜>([\s\S]*?)<｜tool▁call▁end｜>/g).flatMap(
      ([, before = '', after = '']) => {
        const fenced = /^([\w.-]+)\s*```json\s*([\s\S]*?)\s*```\s*$/.exec(after.trim());
        if (before.trim() === 'function' && fenced) return objectCall(fenced[1] ?? '', fenced[2] ?? '');
        return objectCall(before.trim(), after);
      },
    ),
};

/** MiniMax M2, docs/tool_calling_guide.md. */
const minimax: MarkupGrammar = {
  openers: ['<minimax:tool_call>'],
  closers: ['</minimax:tool_call>'],
  inReasoning: true,
  read: (section, schemaOf) =>
    matches(section, /<invoke name="?([^">]+)"?>([\s\S]*?)<\/invoke>/g).map(([, name = '', inner = '']) => {
      const given = matches(inner, /<parameter name="?([^">]+)"?>([\s\S]*?)<\/parameter>/g);
      return parameterCall(name, given, schemaOf);
    }),
};

/**
 * `<tool_call>` of three families: Hermes and Qwen 2.5/3 write JSON into it, Qwen3-Coder `<function=...>`, GLM-4.5 and later
 * `<arg_key>` and `<arg_value>` (chat templates in their repositories).
 */
const toolCall: MarkupGrammar = {
  openers: ['<tool_call>'],
  closers: ['</tool_call>'],
  inReasoning: false,
  read(section, schemaOf) {
    const inner = section
      .replace(/^<tool_call>/, '')
      .replace(/<\/tool_call>\s*$/, '')
      .trim();
    if (inner.startsWith('{')) return hermesCall(inner);
    if (inner.startsWith('<function=')) return qwenCalls(inner, schemaOf);
    // Without its end it may lack parameters.
    return /<\/tool_call>\s*$/.test(section) ? glmCall(inner, schemaOf) : [];
  },
};

/** Qwen3-Coder leaves `<tool_call>` out before a call, not behind it (QwenLM/Qwen3-Coder#475). */
const bareFunction: MarkupGrammar = {
  openers: ['<function='],
  closers: ['</tool_call>'],
  inReasoning: false,
  read: qwenCalls,
};

/** Mistral's tokens: a list of calls up to v7, a name and its arguments each from v11 on (mistral-common). */
const mistral: MarkupGrammar = {
  openers: ['[TOOL_CALLS]'],
  closers: [],
  inReasoning: false,
  read(section) {
    const inner = section.replace(/^\[TOOL_CALLS\]/, '').trim();
    if (inner.startsWith('[') || inner.startsWith('{')) {
      const parsed = parseJson(inner);
      return (Array.isArray(parsed) ? parsed : [parsed]).flatMap(namedCall);
    }
    const parts = section.split('[TOOL_CALLS]').slice(1);
    const calls = parts.map((part) => /^\s*([\w.-]+)(?:\[CALL_ID\]([\w-]+))?\[ARGS\]([\s\S]*)$/.exec(part));
    return calls.flatMap((match) => {
      const [, name = '', id, input = ''] = match ?? [];
      return input.trim() === '' ? [] : objectCall(name, input, id);
    });
  },
};

export const markupGrammars: readonly MarkupGrammar[] = [
  kimi,
  dsml,
  deepseekTokens,
  minimax,
  toolCall,
  bareFunction,
  mistral,
];

function hermesCall(inner: string): MarkupCall[] {
  return namedCall(parseJson(inner));
}

function namedCall(value: unknown): MarkupCall[] {
  if (!isObject(value) || typeof value['name'] !== 'string') return [];
  const given = value['arguments'] ?? value['parameters'] ?? {};
  const id = typeof value['id'] === 'string' ? value['id'] : undefined;
  return objectCall(value['name'], typeof given === 'string' ? given : JSON.stringify(given), id);
}

function qwenCalls(inner: string, schemaOf: SchemaOf): MarkupCall[] {
  return matches(inner, /<function=([^>\n]+)>([\s\S]*?)<\/function>/g).map(([, name = '', parameters = '']) =>
    parameterCall(
      name.trim(),
      matches(parameters, /<parameter=([^>\n]+)>([\s\S]*?)(?:<\/parameter>|(?=<parameter=)|$)/g),
      schemaOf,
    ),
  );
}

function glmCall(inner: string, schemaOf: SchemaOf): MarkupCall[] {
  const head = /^([\w.-]+)\s*(?=<arg_key>|$)/.exec(inner);
  if (!head) return [];
  const rest = inner.slice(head[0].length);
  const pairs = /<arg_key>([\s\S]*?)<\/arg_key>\s*<arg_value>([\s\S]*?)<\/arg_value>/g;
  // Anything beside the pairs means that the call is not whole.
  if (rest.replaceAll(pairs, '').trim() !== '') return [];
  return [parameterCall(head[1] ?? '', matches(rest, pairs), schemaOf)];
}

/** A call whose parameters stand in tags, as text. One line end at either side belongs to the markup. */
function parameterCall(name: string, given: readonly RegExpExecArray[], schemaOf: SchemaOf): MarkupCall {
  const entries = given.map(([, key = '', value = '']): [string, unknown] => [
    key.trim(),
    typed(value.replace(/^\n/, '').replace(/\n$/, ''), schemaOf(name), key.trim()),
  ]);
  return { name, input: JSON.stringify(Object.fromEntries(entries)) };
}

/** Text of a parameter as its schema wants it: where a string is allowed, it is one. */
function typed(value: string, schema: JsonObject | undefined, key: string): unknown {
  const properties = schema?.['properties'];
  const declared = isObject(properties) && Object.hasOwn(properties, key) ? properties[key] : undefined;
  if (isObject(declared) ? takes(declared, 'string') : true) return value;
  return parseJson(value) ?? value;
}

function objectCall(name: string, input: string, id?: string): MarkupCall[] {
  const text = input.trim() === '' ? '{}' : input.trim();
  return isObject(parseJson(text)) ? [{ name: name.trim(), input: text, ...(id !== undefined && { id }) }] : [];
}

function matches(text: string, pattern: RegExp): RegExpExecArray[] {
  return [...text.matchAll(pattern)];
}
