import { isObject, parseJson } from '../../canonical/json.ts';
import { takes } from '../../canonical/toolArguments.ts';
import type { JsonObject } from '../../canonical/request.ts';

/** A call as markup states it. `input` is the text of a JSON object. */
export type MarkupCall = { id?: string; name: string; input: string };

/** The parameters' schema of a declared tool, by name; undefined for a tool that was not declared. */
export type SchemaOf = (name: string) => JsonObject | undefined;

/** How one family of models writes calls when no parser of its server takes them out of the text. */
export type MarkupGrammar = {
  /** Each begins a section of calls. All begin with `<` or `[`. */
  openers: readonly string[];
  /** Each ends it. Without any, a section ends with its block of text. */
  closers: readonly string[];
  /** How a section of calls begins: what begins otherwise is text about markup. */
  begins: RegExp;
  /** Whether it is taken out of thinking too: only markup of tokens that no one writes when thinking about calls. */
  inReasoning: boolean;
  /** The calls in a section, which begins with its opener; empty when it holds anything that is no whole call. */
  read(section: string, schemaOf: SchemaOf): MarkupCall[];
};

const kimiCall =
  /<\|tool_call_begin\|>\s*((?:functions\.)?([\w.-]+):\d+)\s*<\|tool_call_argument_begin\|>([\s\S]*?)<\|tool_call_end\|>/g;

/** Kimi-K2, docs/tool_call_guidance.md, "Manually parsing tool calls" (llxprt-code#749, hermes-agent#24534). */
const kimi: MarkupGrammar = {
  openers: ['<|tool_calls_section_begin|>', '<|tool_call_section_begin|>'],
  closers: ['<|tool_calls_section_end|>', '<|tool_call_section_end|>'],
  begins: /^<\|tool_calls?_section_begin\|>\s*<\|tool_call_begin\|>/,
  inReasoning: true,
  read: (section) => wholeCalls(inside(kimi, section), kimiCall, ([, id, name, input]) => objectCall(name, input, id)),
};

const dsmlCall = /<[｜|]{1,2}DSML[｜|]{1,2}invoke name="([^"]+)">([\s\S]*?)<\/[｜|]{1,2}DSML[｜|]{1,2}invoke>/g;
const dsmlParameter =
  /<[｜|]{1,2}DSML[｜|]{1,2}parameter name="([^"]+)"(?: string="(true|false)")?>([\s\S]*?)<\/[｜|]{1,2}DSML[｜|]{1,2}parameter>/g;

/** DeepSeek V3.2 and V4, encoding_dsv32.py; the bars and the outer name vary (cline#14156, opensquilla#985). */
const dsml: MarkupGrammar = {
  openers: dsmlTags('<'),
  closers: dsmlTags('</'),
  begins: /^<[｜|]{1,2}DSML[｜|]{1,2}\w+>\s*<[｜|]{1,2}DSML/,
  inReasoning: true,
  read: (section, schemaOf) =>
    wholeCalls(inside(dsml, section), dsmlCall, ([, name = '', parameters = '']) =>
      callOf(
        name,
        pairsIn(parameters, dsmlParameter, ([, key = '', isText, value = '']) => {
          if (isText === 'true') return [key, value];
          return [key, isText === 'false' ? (parseJson(value) ?? value) : typed(value, schemaOf(name), key)];
        }),
      ),
    ),
};

function dsmlTags(bracket: string): string[] {
  return ['｜', '｜｜', '|'].flatMap((bar) =>
    ['function_calls', 'tool_calls'].map((outer) => `${bracket}${bar}DSML${bar}${outer}>`),
  );
}

const deepseekCall = /<｜tool▁call▁begin｜>([\s\S]*?)<｜tool▁sep｜>([\s\S]*?)<｜tool▁call▁end｜>/g;

/** DeepSeek V3 and V3.1, chat templates in their repositories. */
const deepseekTokens: MarkupGrammar = {
  openers: ['<｜tool▁calls▁begin｜>'],
  closers: ['<｜tool▁calls▁end｜>'],
  begins: /^<｜tool▁calls▁begin｜>\s*<｜tool▁call▁begin｜>/,
  inReasoning: true,
  read: (section) =>
    wholeCalls(inside(deepseekTokens, section), deepseekCall, ([, before = '', after = '']) => {
      const fenced = /^([\w.-]+)\s*```json\s*([\s\S]*?)\s*```\s*$/.exec(after.trim());
      if (before.trim() === 'function' && fenced) return objectCall(fenced[1], fenced[2]);
      return objectCall(before, after);
    }),
};

const invoke = /<(?:antml:)?invoke name="?([^">]+)"?>([\s\S]*?)<\/(?:antml:)?invoke>/g;
const invokeParameter = /<(?:antml:)?parameter name="?([^">]+)"?>([\s\S]*?)<\/(?:antml:)?parameter>/g;

/** MiniMax M2, docs/tool_calling_guide.md. */
const minimax: MarkupGrammar = {
  openers: ['<minimax:tool_call>'],
  closers: ['</minimax:tool_call>'],
  begins: /^<minimax:tool_call>\s*<invoke name=/,
  inReasoning: true,
  read: (section, schemaOf) => invokes(inside(minimax, section), schemaOf),
};

/** As models write calls that have learnt from answers of Claude. */
const functionCalls: MarkupGrammar = {
  openers: ['', 'antml:'].map((prefix) => `<${prefix}function_calls>`),
  closers: ['', 'antml:'].map((prefix) => `</${prefix}function_calls>`),
  begins: /^<(?:antml:)?function_calls>\s*<(?:antml:)?invoke name=/,
  inReasoning: false,
  read: (section, schemaOf) => invokes(inside(functionCalls, section), schemaOf),
};

function invokes(inner: string, schemaOf: SchemaOf): MarkupCall[] {
  return wholeCalls(inner, invoke, ([, name = '', parameters = '']) =>
    parameterCall(name, parameters, invokeParameter, schemaOf),
  );
}

/**
 * `<tool_call>` of several families: Hermes and Qwen 2.5/3 write JSON into it, Granite a list of it, Qwen3-Coder
 * `<function=...>`, GLM-4.5 and later `<arg_key>` and `<arg_value>` (chat templates in their repositories).
 */
const toolCall: MarkupGrammar = {
  openers: ['<tool_call>'],
  closers: ['</tool_call>'],
  begins: /^<tool_call>\s*(?:[{[]|<function=|[\w.-]+\s*(?:<arg_key>|<\/tool_call>))/,
  inReasoning: false,
  read(section, schemaOf) {
    const inner = inside(toolCall, section);
    if (/^[{[]/.test(inner)) return jsonCalls(inner);
    if (inner.startsWith('<function=')) return functionTags(inner, schemaOf);
    // Without its end it may lack parameters.
    return section.trimEnd().endsWith('</tool_call>') ? glmCall(inner, schemaOf) : [];
  },
};

/** Seed-OSS puts the same into a tag of its own (chat template in its repository). */
const seedCall: MarkupGrammar = {
  openers: ['<seed:tool_call>'],
  closers: ['</seed:tool_call>'],
  begins: /^<seed:tool_call>\s*<function=/,
  inReasoning: true,
  read: (section, schemaOf) => functionTags(inside(seedCall, section), schemaOf),
};

/** Qwen3-Coder leaves `<tool_call>` out before a call, not behind it (QwenLM/Qwen3-Coder#475). */
const bareFunction: MarkupGrammar = {
  openers: ['<function='],
  closers: ['</tool_call>'],
  begins: /^<function=[^>\n]+>\s*<(?:parameter=|\/function>)/,
  inReasoning: false,
  read: (section, schemaOf) => functionTags(section.replace(/<\/tool_call>\s*$/, ''), schemaOf),
};

/** JSON in tags: MiniMax M1 (a call in each line) and Hunyuan (a list), Phi-4 and Granite 3, Llama 3 (chat templates). */
const jsonTags: MarkupGrammar = {
  openers: ['<tool_calls>', '<|tool_call|>', '<|python_tag|>'],
  closers: ['</tool_calls>', '<|/tool_call|>', '<|eom_id|>', '<|eot_id|>'],
  begins: /^<[|\w]+>\s*[{[]/,
  inReasoning: false,
  read: (section) => jsonCalls(inside(jsonTags, section)),
};

/** Mistral's tokens: a list of calls up to v7, a name and its arguments each from v11 on (mistral-common). */
const mistral: MarkupGrammar = {
  openers: ['[TOOL_CALLS]'],
  closers: [],
  begins: /^\[TOOL_CALLS\]\s*(?:[[{]|[\w.-]+\s*(?:\[(?:ARGS|CALL_ID)\]|\{))/,
  inReasoning: false,
  read(section) {
    const inner = section.replace(/<\/s>\s*$/, '').trim();
    const json = inside(mistral, inner);
    if (/^[{[]/.test(json)) return jsonCalls(json);
    const calls = inner.split('[TOOL_CALLS]').slice(1);
    const read = calls.map((call) =>
      /^\s*([\w.-]+)\s*(?:\[CALL_ID\]([\w-]+))?(?:\[ARGS\]|(?=\{))([\s\S]*)$/.exec(call),
    );
    return whole(read.map((match) => (match?.[3]?.trim() ? objectCall(match[1], match[3], match[2]) : undefined)));
  },
};

export const markupGrammars: readonly MarkupGrammar[] = [
  kimi,
  dsml,
  deepseekTokens,
  minimax,
  functionCalls,
  toolCall,
  seedCall,
  bareFunction,
  jsonTags,
  mistral,
];

/** What stands between the opener and the closer. */
function inside({ openers, closers }: MarkupGrammar, section: string): string {
  const opener = openers.find((each) => section.startsWith(each)) ?? '';
  const rest = section.slice(opener.length).trimEnd();
  const closer = closers.find((each) => rest.endsWith(each)) ?? '';
  return rest.slice(0, rest.length - closer.length).trim();
}

/** All of `calls`, or none if one is missing. */
function whole(calls: readonly (MarkupCall | undefined)[]): MarkupCall[] {
  const found = calls.filter((call) => call !== undefined);
  return found.length === calls.length ? found : [];
}

/** The calls that `pattern` finds in `text`; none if there is anything beside them, such as one that was cut off. */
function wholeCalls(
  text: string,
  pattern: RegExp,
  read: (match: RegExpExecArray) => MarkupCall | undefined,
): MarkupCall[] {
  return text.replaceAll(pattern, '').trim() === '' ? whole([...text.matchAll(pattern)].map(read)) : [];
}

/** Objects of JSON: one, a list, or one after the other with a line end or a semicolon between them. */
function jsonCalls(inner: string): MarkupCall[] {
  const parsed = parseJson(inner);
  if (parsed !== undefined) return whole((Array.isArray(parsed) ? parsed : [parsed]).map(namedCall));
  return whole(inner.split(/;\s*(?=\{)|\n\s*(?=\{)/).map((each) => namedCall(parseJson(each))));
}

function namedCall(value: unknown): MarkupCall | undefined {
  if (!isObject(value) || typeof value['name'] !== 'string') return undefined;
  const given = value['arguments'] ?? value['parameters'] ?? {};
  const id = typeof value['id'] === 'string' ? value['id'] : undefined;
  return objectCall(value['name'], typeof given === 'string' ? given : JSON.stringify(given), id);
}

const functionTag = /<function=([^>\n]+)>([\s\S]*?)<\/function>/g;
const functionParameter = /<parameter=([^>\n]+)>([\s\S]*?)(?:<\/parameter>|(?=<parameter=)|$)/g;

function functionTags(inner: string, schemaOf: SchemaOf): MarkupCall[] {
  return wholeCalls(inner, functionTag, ([, name = '', parameters = '']) =>
    parameterCall(name.trim(), parameters, functionParameter, schemaOf),
  );
}

const glmParameter = /<arg_key>([\s\S]*?)<\/arg_key>\s*<arg_value>([\s\S]*?)<\/arg_value>/g;

function glmCall(inner: string, schemaOf: SchemaOf): MarkupCall[] {
  const head = /^([\w.-]+)\s*(?=<arg_key>|$)/.exec(inner);
  return head ? whole([parameterCall(head[1] ?? '', inner.slice(head[0].length), glmParameter, schemaOf)]) : [];
}

/** A call whose parameters stand in tags, as text. One line end at either side belongs to the markup. */
function parameterCall(name: string, parameters: string, pattern: RegExp, schemaOf: SchemaOf): MarkupCall | undefined {
  return callOf(
    name,
    pairsIn(parameters, pattern, ([, key = '', value = '']) => [
      key.trim(),
      typed(value.replace(/^\n/, '').replace(/\n$/, ''), schemaOf(name), key.trim()),
    ]),
  );
}

type Pairs = [name: string, value: unknown][];

/** The parameters that `pattern` finds; undefined if there is anything beside them. */
function pairsIn(text: string, pattern: RegExp, read: (match: RegExpExecArray) => Pairs[number]): Pairs | undefined {
  return text.replaceAll(pattern, '').trim() === '' ? [...text.matchAll(pattern)].map(read) : undefined;
}

function callOf(name: string, pairs: Pairs | undefined): MarkupCall | undefined {
  return pairs && { name, input: JSON.stringify(Object.fromEntries(pairs)) };
}

/** Text of a parameter as its schema wants it: where a string is allowed, it is one. */
function typed(value: string, schema: JsonObject | undefined, key: string): unknown {
  const properties = schema?.['properties'];
  const declared = isObject(properties) && Object.hasOwn(properties, key) ? properties[key] : undefined;
  if (isObject(declared) ? takes(declared, 'string') : true) return value;
  return parseJson(value) ?? value;
}

function objectCall(name = '', input = '', id?: string): MarkupCall | undefined {
  const text = input.trim() === '' ? '{}' : input.trim();
  return isObject(parseJson(text)) ? { name: name.trim(), input: text, ...(id !== undefined && { id }) } : undefined;
}
