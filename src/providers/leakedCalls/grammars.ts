import { parseJson } from '../../canonical/json.ts';
import {
  callOf,
  functionTags,
  glmCall,
  inside,
  jsonCalls,
  objectCall,
  pairsIn,
  parameterCall,
  readParameterText,
  whole,
  wholeCalls,
  type MarkupCall,
  type MarkupGrammar,
  type SchemaOf,
} from './markupCalls.ts';
import { bareInvokes, gemma, kimiK3, lfm, minimaxM3 } from './nestedCalls.ts';
import { onlyTags, strayEnds } from './strayEnds.ts';

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

/** The same calls without the section around them (unsloth#5624). */
const kimiBare: MarkupGrammar = {
  openers: ['<|tool_call_begin|>'],
  closers: ['<|tool_call_end|>'],
  begins: /^<\|tool_call_begin\|>\s*(?:functions\.)?[\w.-]+:\d+\s*<\|tool_call_argument_begin\|>/,
  inReasoning: true,
  leftover: onlyTags(kimi.closers),
  read: (section) => wholeCalls(section, kimiCall, ([, id, name, input]) => objectCall(name, input, id)),
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
  read: (section, schemaOf) => dsmlCalls(inside(dsml, section), schemaOf),
};

/** The same without the outer tag. */
const dsmlBare: MarkupGrammar = {
  openers: ['｜', '｜｜', '|'].map((bar) => `<${bar}DSML${bar}invoke name="`),
  closers: ['｜', '｜｜', '|'].map((bar) => `</${bar}DSML${bar}invoke>`),
  begins: /^<[｜|]{1,2}DSML[｜|]{1,2}invoke name="[^"\n]{1,200}">\s*<\/?[｜|]/,
  inReasoning: true,
  read: dsmlCalls,
};

function dsmlCalls(inner: string, schemaOf: SchemaOf): MarkupCall[] {
  return wholeCalls(inner, dsmlCall, ([, name = '', parameters = '']) =>
    callOf(
      name,
      pairsIn(parameters, dsmlParameter, ([, key = '', isText, value = '']) => {
        if (isText === 'true') return [key, value];
        return [key, isText === 'false' ? (parseJson(value) ?? value) : readParameterText(value, schemaOf(name), key)];
      }),
    ),
  );
}

function dsmlTags(bracket: string): string[] {
  return ['｜', '｜｜', '|'].flatMap((bar) =>
    ['function_calls', 'tool_calls'].map((outer) => `${bracket}${bar}DSML${bar}${outer}>`),
  );
}

const deepseekCall = /<｜tool▁call▁begin｜>([^<]*)<｜tool▁sep｜>([\s\S]*?)<｜tool▁call▁end｜>/g;

/** DeepSeek V3 and V3.1, chat templates in their repositories. */
const deepseekTokens: MarkupGrammar = {
  openers: ['<｜tool▁calls▁begin｜>'],
  closers: ['<｜tool▁calls▁end｜>'],
  begins: /^<｜tool▁calls▁begin｜>\s*<｜tool▁call▁begin｜>/,
  inReasoning: true,
  read: (section) =>
    wholeCalls(inside(deepseekTokens, section), deepseekCall, ([, before = '', after = '']) => {
      const fenced = /^([\w.-]+)\s*```json([\s\S]*)```$/.exec(after.trim());
      if (before.trim() === 'function' && fenced) return objectCall(fenced[1], fenced[2]?.trim());
      return objectCall(before, after);
    }),
};

const invoke = /<(?:antml:)?invoke name="?([^">]+)"?>([\s\S]*?)<\/(?:antml:)?invoke>/g;
/** A value may hold the tag that ends it (vllm#44060): that ends where another parameter or nothing follows. */
const invokeParameter =
  /<(?:antml:)?parameter name="?([^">]+)"?>([\s\S]*?)<\/(?:antml:)?parameter>(?=\s*(?:<(?:antml:)?parameter name=|$))/g;

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
  begins: /^<tool_call>\s*(?:[{[]|<function=|[\w.-]+\s*(?:<tool_sep>|<arg_key>|<\/tool_call>))/,
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

/** Qwen3-Coder leaves `<tool_call>` out before a call, not after it (QwenLM/Qwen3-Coder#475). */
const bareFunction: MarkupGrammar = {
  openers: ['<function='],
  closers: ['</tool_call>'],
  begins: /^<function=[^>\n]{1,200}>\s*(?:\{|<(?:parameter=|\/function>))/,
  inReasoning: false,
  read: (section, schemaOf) => functionTags(section.replace(/<\/tool_call>\s*$/, ''), schemaOf),
};

/** JSON in tags: Phi-4-mini (a call in each), Granite 3.0 (a list, without an end); chat templates, vLLM's parser "granite". */
const jsonTags: MarkupGrammar = {
  openers: ['<|tool_call|>'],
  closers: ['<|/tool_call|>'],
  begins: /^<\|tool_call\|>\s*[{[]/,
  inReasoning: false,
  read: (section) => jsonCalls(inside(jsonTags, section)),
};

const listedCall = /<tool_call>([\s\S]*?)<\/tool_call>/g;

/**
 * MiniMax M1 (JSON, a call in each line) and Hunyuan A13B (a list of JSON); Hy3 puts calls as GLM writes them into it, with
 * `<tool_sep>` after the name, and Hy4 has a suffix to each tag (vLLM's parsers "hunyuan_a13b" and "hy_v3").
 */
const toolCalls: MarkupGrammar = {
  openers: ['<tool_calls>', '<tool_calls:opensource>'],
  closers: ['</tool_calls>', '</tool_calls:opensource>'],
  begins: /^<tool_calls(?::opensource)?>\s*(?:[{[]|<tool_call(?::opensource)?>)/,
  inReasoning: false,
  read(section, schemaOf) {
    const inner = inside(toolCalls, section).replaceAll(/(<\/?(?:tool_call|arg_key|arg_value)):opensource>/g, '$1>');
    if (!inner.startsWith('<tool_call>')) return jsonCalls(inner);
    return wholeCalls(inner, listedCall, ([, call = '']) => glmCall(call.trim(), schemaOf)[0]);
  },
};

const builtIn = /^([\w-]+)\.call\(([\s\S]*)\)$/;
const keyword = /(?<!\w)(\w+)\s*=\s*("(?:[^"\\]|\\.)*"\s*|[^\s,"()][^,"()]*)(?:,|$)/g;

/** Llama 3: JSON for tools that a user declares, `name.call(key="value")` for built-in ones (llama-models, prompt_format.md). */
const llama: MarkupGrammar = {
  openers: ['<|python_tag|>'],
  closers: ['<|eom_id|>', '<|eot_id|>'],
  begins: /^<\|python_tag\|>\s*(?:\{|[\w-]+\.call\()/,
  inReasoning: false,
  read(section) {
    const inner = inside(llama, section);
    const call = builtIn.exec(inner);
    if (!call) return jsonCalls(inner);
    const [, name = '', given = ''] = call;
    return whole([
      callOf(
        name,
        pairsIn(given, keyword, ([, key = '', value = '']) => [key, parseJson(value) ?? value.trim()]),
      ),
    ]);
  },
};

/** Phi-4-mini as vLLM's template asks for it (parser "phi4_mini_json"). */
const functools: MarkupGrammar = {
  openers: ['functools['],
  closers: [],
  begins: /^functools\[\s*\{/,
  inReasoning: false,
  read: (section) => jsonCalls(section.slice('functools'.length).trim()),
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

/** JSON in a tag of its own: LongCat, Cohere's Command and InternLM (their chat templates). */
const taggedJson: readonly MarkupGrammar[] = (
  [
    ['<longcat_tool_call>', '</longcat_tool_call>'],
    ['<|START_ACTION|>', '<|END_ACTION|>'],
    ['<|action_start|><|plugin|>', '<|action_end|>'],
  ] as const
).map(([opener, closer]) => {
  const grammar: MarkupGrammar = {
    openers: [opener],
    closers: [closer],
    begins: /^(?:<longcat_tool_call>|<\|START_ACTION\|>|<\|action_start\|><\|plugin\|>)\s*[{[]/,
    inReasoning: true,
    read: (section) => jsonCalls(inside(grammar, section)),
  };
  return grammar;
});

/** Ends of tokens without a beginning: a server's parser took the call and overlooked its end (opencode#30684). */
const strayTokens = strayEnds([...minimaxM3.closers, ...dsml.closers, ...kimi.closers], false);

/** Ends of tags behind calls that lacked the beginning. */
const strayTags = strayEnds(['tool_call', 'function_calls', 'antml:function_calls', 'tool_calls'].map((tag) => `</${tag}>`), true); // prettier-ignore

export const markupGrammars: readonly MarkupGrammar[] = [
  kimi,
  kimiBare,
  kimiK3,
  dsml,
  dsmlBare,
  minimaxM3,
  gemma,
  lfm,
  ...taggedJson,
  strayTokens,
  strayTags,
  bareInvokes(invokes),
  deepseekTokens,
  minimax,
  functionCalls,
  toolCall,
  seedCall,
  bareFunction,
  jsonTags,
  toolCalls,
  llama,
  functools,
  mistral,
];
