// Calls as models write them, which their servers should have read.

/** What each of them says. */
export const input = { command: 'ls -l', timeout: 5 };
export const json = JSON.stringify(input);
const dsml = (bar: string, outer: string): string =>
  `<${bar}DSML${bar}${outer}>\n<${bar}DSML${bar}invoke name="Bash">\n<${bar}DSML${bar}parameter name="command" string="true">ls -l</${bar}DSML${bar}parameter>\n<${bar}DSML${bar}parameter name="timeout" string="false">5</${bar}DSML${bar}parameter>\n</${bar}DSML${bar}invoke>\n</${bar}DSML${bar}${outer}>`;

/** MiniMax M3's tags, with its token in front of each. */
export function m3(...parts: string[]): string {
  const tags = ['<tool_call>', '<invoke name="Bash">', ...parts, '</invoke>', '</tool_call>'];
  return tags.map((part) => (part.startsWith('<') ? `]<]minimax[>[${part}` : part)).join('');
}

/** One call of Bash with `input`, as each family writes it. */
export const markups: Record<string, string> = {
  'Kimi tokens': `<|tool_calls_section_begin|><|tool_call_begin|>functions.Bash:0<|tool_call_argument_begin|>${json}<|tool_call_end|><|tool_calls_section_end|>`,
  DSML: dsml('｜', 'function_calls'),
  'DSML, tool_calls': dsml('｜', 'tool_calls'),
  'DSML, doubled bars': dsml('｜｜', 'tool_calls'),
  'DSML, ASCII bars': dsml('|', 'function_calls'),
  'DeepSeek V3 tokens': `<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>function<｜tool▁sep｜>Bash\n\`\`\`json\n${json}\n\`\`\`<｜tool▁call▁end｜><｜tool▁calls▁end｜>`,
  'DeepSeek V3.1 tokens': `<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>Bash<｜tool▁sep｜>${json}<｜tool▁call▁end｜><｜tool▁calls▁end｜>`,
  MiniMax: `<minimax:tool_call>\n<invoke name="Bash">\n<parameter name="command">ls -l</parameter>\n<parameter name="timeout">5</parameter>\n</invoke>\n</minimax:tool_call>`,
  Hermes: `<tool_call>\n{"name": "Bash", "arguments": ${json}}\n</tool_call>`,
  'Qwen XML': `<tool_call>\n<function=Bash>\n<parameter=command>\nls -l\n</parameter>\n<parameter=timeout>\n5\n</parameter>\n</function>\n</tool_call>`,
  'Qwen XML without its opener': `<function=Bash>\n<parameter=command>\nls -l\n</parameter>\n<parameter=timeout>\n5\n</parameter>\n</function>\n</tool_call>`,
  GLM: `<tool_call>Bash\n<arg_key>command</arg_key>\n<arg_value>ls -l</arg_value>\n<arg_key>timeout</arg_key>\n<arg_value>5</arg_value>\n</tool_call>`,
  'Mistral list': `[TOOL_CALLS][{"name": "Bash", "arguments": ${json}}]`,
  'Mistral name and arguments': `[TOOL_CALLS]Bash[ARGS]${json}`,
  'Seed-OSS': `<seed:tool_call>\n<function=Bash>\n<parameter=command>ls -l</parameter>\n<parameter=timeout>5</parameter>\n</function>\n</seed:tool_call>`,
  'MiniMax M1': `<tool_calls>\n{"name": "Bash", "arguments": ${json}}\n</tool_calls>`,
  'Hunyuan A13B': `<tool_calls>[{"name": "Bash", "arguments": ${json}}]</tool_calls>`,
  Hy3: `<tool_calls>\n<tool_call>Bash<tool_sep>\n<arg_key>command</arg_key>\n<arg_value>ls -l</arg_value>\n<arg_key>timeout</arg_key>\n<arg_value>5</arg_value>\n</tool_call>\n</tool_calls>`,
  'Hy3 without the outer tag': `<tool_call>Bash<tool_sep>\n<arg_key>command</arg_key>\n<arg_value>ls -l</arg_value>\n<arg_key>timeout</arg_key>\n<arg_value>5</arg_value>\n</tool_call>`,
  Hy4: `<tool_calls:opensource><tool_call:opensource>Bash<arg_key:opensource>command</arg_key:opensource><arg_value:opensource>ls -l</arg_value:opensource><arg_key:opensource>timeout</arg_key:opensource><arg_value:opensource>5</arg_value:opensource></tool_call:opensource></tool_calls:opensource>`,
  'Phi-4-mini': `<|tool_call|>{"name": "Bash", "arguments": ${json}}<|/tool_call|>`,
  'Phi-4-mini, a list': `<|tool_call|>[{"name": "Bash", "arguments": ${json}}]<|/tool_call|>`,
  'Phi-4-mini at vLLM': `functools[{"name": "Bash", "arguments": ${json}}]`,
  'Granite 3.0': `<|tool_call|>[{"name": "Bash", "arguments": ${json}}]`,
  'Granite 3.1': `<tool_call>[{"name": "Bash", "arguments": ${json}}]`,
  'Granite 4': `<tool_call>\n{"name": "Bash", "arguments": ${json}}\n</tool_call>`,
  'Llama 3': `<|python_tag|>{"name": "Bash", "parameters": ${json}}<|eom_id|>`,
  'Llama 3 without its end': `<|python_tag|>{"type": "function", "name": "Bash", "parameters": ${json}}`,
  'Llama 3, as built in': `<|python_tag|>Bash.call(command="ls -l", timeout=5)<|eom_id|>`,
  'a bare invoke': `<invoke name="Bash">\n<parameter name="command">ls -l</parameter>\n<parameter name="timeout">5</parameter>\n</invoke>`,
  'an invoke that lost its opener': `<invoke name="Bash">\n<parameter name="command">ls -l</parameter>\n<parameter name="timeout">5</parameter>\n</invoke></function_calls>`,
  'MiniMax M3': m3('<command>', 'ls -l', '</command>', '<timeout>', '5', '</timeout>'),
  'Kimi K3': `<|open|>tools<|sep|><|open|>call tool="Bash" index="1"<|sep|><|open|>argument key="command" type="string"<|sep|>ls -l<|close|>argument<|sep|><|open|>argument key="timeout" type="number"<|sep|>5<|close|>argument<|sep|><|close|>call<|sep|><|close|>tools<|sep|><|close|>message<|sep|>`,
  'Kimi K3 behind its answer': `<|close|>response<|sep|><|open|>tools<|sep|><|open|>call tool="Bash" index="1"<|sep|><|open|>argument key="command" type="string"<|sep|>ls -l<|close|>argument<|sep|><|open|>argument key="timeout" type="number"<|sep|>5<|close|>argument<|sep|><|close|>call<|sep|><|close|>tools<|sep|><|close|>message<|sep|><|end_of_msg|>`,
  'Kimi K3 without some tokens': `<|open|>toolscall tool="Bash" index="1"<|sep|><|open|>argument key="command" type="string"<|sep|>ls -largument<|sep|><|open|>argument key="timeout" type="number"<|sep|>5<|close|>argument<|sep|><|close|>call<|sep|><|close|>toolsmessage<|sep|>`,
  'Kimi K2 without its section': `<|tool_call_begin|>functions.Bash:0<|tool_call_argument_begin|>${json}<|tool_call_end|>`,
  'DSML without its outer tag': `<｜DSML｜invoke name="Bash">\n<｜DSML｜parameter name="command" string="true">ls -l</｜DSML｜parameter>\n<｜DSML｜parameter name="timeout" string="false">5</｜DSML｜parameter>\n</｜DSML｜invoke>`,
  'Gemma 4': `<|tool_call>call:Bash{command:<|"|>ls -l<|"|>,timeout:5}<tool_call|>`,
  LFM2: `<|tool_call_start|>[Bash(command="ls -l", timeout=5)]<|tool_call_end|>`,
  LongCat: `<longcat_tool_call>\n{"name": "Bash", "arguments": ${json}}\n</longcat_tool_call>`,
  Nemotron: `<TOOLCALL>[{"name": "Bash", "arguments": ${json}}]</TOOLCALL>`,
  'LM Studio': `[TOOL_REQUEST]{"name": "Bash", "arguments": ${json}}[END_TOOL_REQUEST]`,
  'Kimi tokens without a number': `<|tool_calls_section_begin|><|tool_call_begin|>functions.Bash<|tool_call_argument_begin|>${json}<|tool_call_end|><|tool_calls_section_end|>`,
  'GLM without a tag (vllm#49248)': `<tool_call>Bash<arg_key>command</arg_key>ls -l</arg_value><arg_key>timeout</arg_key><arg_value>5</arg_value></tool_call>`,
  'Qwen XML with attributes': `<tool_call>\n<function name="Bash">\n<parameter name="command">ls -l</parameter>\n<parameter name="timeout">5</parameter>\n</function>\n</tool_call>`,
  'Qwen XML with spaces': `<tool_call>\n<function = Bash>\n<parameter = command>\nls -l\n</parameter>\n<parameter = timeout>\n5\n</parameter>\n</function>\n</tool_call>`,
  Command: `<|START_ACTION|>[\n{"tool_call_id": "0", "tool_name": "Bash", "parameters": ${json}}\n]<|END_ACTION|>`,
  InternLM: `<|action_start|><|plugin|>{"name": "Bash", "parameters": ${json}}<|action_end|>`,
  'Llama 3.1': `<function=Bash>${json}</function>`,
  harmony: `<|start|>assistant<|channel|>commentary to=functions.Bash <|constrain|>json<|message|>${json}<|call|>`,
};
