import { isObject } from '../canonical/json.ts';
import { wording, type Wording } from '../canonical/wording.ts';
import type { JsonObject } from '../canonical/request.ts';
import type { CheckName } from '../control/modelTests.ts';
import { textOf, type AskModel, type ModelReply, type OutputItem } from './askModel.ts';
import { testImage } from './testImage.ts';

/** What went wrong, for users; `absent`: the model does not have it; `untested`: no answer. Undefined: it passed. */
export type Finding = { detail: Wording; absent?: true; untested?: true } | undefined;

/** One check. It throws in the provider's words if a request is refused. */
type Check = (ask: AskModel) => Promise<Finding>;

/** Enough for a model that thinks first; a limit costs nothing. Tokens. */
const answerTokens = 4000;

const path = { type: 'string', description: 'The path of the file.' };
const parameters = { type: 'object', properties: { path }, required: ['path'], additionalProperties: false };
const readFile = { type: 'function', name: 'read_file', description: 'Reads a file.', parameters };

/** The end of what Codex declares (fixtures of 0.169): enough for a model that knows the tool. */
const patchGrammar = `start: begin_patch hunk+ end_patch
begin_patch: "*** Begin Patch" LF
end_patch: "*** End Patch" LF?
hunk: add_hunk
add_hunk: "*** Add File: " filename LF add_line+
filename: /(.+)/
add_line: "+" /(.*)/ LF
%import common.LF
`;

const applyPatch = {
  type: 'custom',
  name: 'apply_patch',
  description:
    'Edits files. The input is a patch, not JSON. To add a file: a line "*** Begin Patch", a line "*** Add File: PATH", the lines of the file, each after a "+", and a line "*** End Patch".',
  format: { type: 'grammar', syntax: 'lark', definition: patchGrammar },
};

const schema = {
  type: 'object',
  properties: { animal: { type: 'string', enum: ['cat', 'dog'] }, legs: { type: 'integer' } },
  required: ['animal', 'legs'],
  additionalProperties: false,
};

/** What a tool of the test answers, which the model can't know. */
const secretWord = 'marzipan';
const lastNumber = 150;

export const contractChecks: Record<Exclude<CheckName, 'usage'>, Check> = {
  async 'tool-call'(ask) {
    const reply = await ask(question('Read the file a.txt with the tool.', [readFile]));
    const [call] = callsIn(reply);
    if (!call) return { detail: noCall(reply) };
    if (call.name !== 'read_file')
      return { detail: wording('It called {0}, which is no tool of the request.', call.name ?? '') };
    return pathOf(call) === 'a.txt'
      ? undefined
      : { detail: wording('The call has wrong arguments: {0}', short(call.arguments)) };
  },

  async 'parallel-calls'(ask) {
    const text = 'Read the files a.txt and b.txt: call the tool twice at once, in one answer.';
    const reply = await ask({ ...question(text, [readFile]), parallel_tool_calls: true });
    const calls = callsIn(reply);
    if (calls.length === 0) return { detail: noCall(reply) };
    if (calls.length === 1)
      return { detail: wording('It calls one tool at a time, so tasks take more turns.'), absent: true };
    const ids = new Set(calls.map(({ call_id: id }) => id));
    if (ids.size < calls.length) return { detail: wording('Two calls have the same id.') };
    const isRight = calls.map(pathOf).toSorted().join(' ') === 'a.txt b.txt';
    return isRight
      ? undefined
      : { detail: wording('The calls have wrong arguments: {0}', short(calls.map(pathOf).join(', '))) };
  },

  async 'apply-patch'(ask) {
    const reply = await ask(question('Add the file hello.txt with the line "hello" with apply_patch.', [applyPatch]));
    const call = reply.output.find(({ type, name }) => type === 'custom_tool_call' && name === 'apply_patch');
    if (!call) return { detail: noCall(reply) };
    const isPatch = /^\*\*\* Begin Patch\n\*\*\* Add File: hello\.txt\n\+hello\n\*\*\* End Patch\s*$/.test(
      call.input ?? '',
    );
    return isPatch ? undefined : { detail: wording('The input is not such a patch: {0}', short(call.input)) };
  },

  async 'namespaced-tool'(ask) {
    const tools = [{ type: 'namespace', name: 'files', description: 'Files.', tools: [{ ...readFile, name: 'read' }] }];
    const reply = await ask(question('Read the file a.txt with the tool.', tools));
    const [call] = callsIn(reply);
    if (!call) return { detail: noCall(reply) };
    if (call.name === 'read' && call.namespace === 'files') return undefined;
    return {
      detail: wording('It called {0}.{1} instead of files.read.', call.namespace ?? '(no namespace)', call.name ?? ''),
    };
  },

  async 'reasoning-replay'(ask) {
    const text = `Read the file a.txt with the tool, then answer with the word that is in it.`;
    const asked = question(text, [readFile]);
    const thinking = { reasoning: { effort: 'low' }, include: ['reasoning.encrypted_content'] };
    const first = await ask({ ...asked, ...thinking });
    const [call] = callsIn(first);
    if (!call) return { detail: noCall(first) };
    const result = { type: 'function_call_output', call_id: call.call_id, output: secretWord };
    const outputs = callsIn(first).map(({ call_id: id }) => ({ ...result, call_id: id }));
    const second = await ask({ ...asked, ...thinking, input: [...asked.input, ...first.output, ...outputs] });
    if (!textOf(second).toLowerCase().includes(secretWord))
      return { detail: wording('It did not answer with the result of the tool: {0}', short(textOf(second))) };
    const hasReasoning = [...first.output, ...second.output].some(({ type }) => type === 'reasoning');
    return hasReasoning
      ? undefined
      : { detail: wording('It shows no reasoning, so there is none to send back.'), absent: true };
  },

  async image(ask) {
    const content = [
      { type: 'input_text', text: 'Which colour has this image? Answer with one word.' },
      { type: 'input_image', image_url: testImage, detail: 'low' },
    ];
    const reply = await ask({ input: [{ role: 'user', content }], max_output_tokens: answerTokens });
    return /\bred\b/i.test(textOf(reply))
      ? undefined
      : { detail: wording('It does not see the image: {0}', short(textOf(reply))) };
  },

  async 'structured-output'(ask) {
    const asked = question('Which of the two animals barks, and how many legs has it?', []);
    const format = { type: 'json_schema', name: 'answer', strict: true, schema };
    const text = textOf(await ask({ ...asked, text: { format } }));
    return isAnswer(text) ? undefined : { detail: wording('The answer does not follow the schema: {0}', short(text)) };
  },

  async 'long-output'(ask) {
    const reply = await ask(question(`Count from 1 to ${lastNumber}. One number on each line, nothing else.`, []));
    const counted = textOf(reply).match(/\d+/g)?.map(Number) ?? [];
    if (reply.status === 'incomplete')
      return { detail: wording('The answer ended early ({0}).', reply.incomplete_details?.reason ?? '') };
    const wanted = Array.from({ length: lastNumber }, (_, index) => index + 1);
    return wanted.every((number, index) => counted[index] === number)
      ? undefined
      : {
          detail: wording(
            'It should count to {0}, and has {1} numbers up to {2}.',
            lastNumber,
            counted.length,
            counted.at(-1) ?? 0,
          ),
        };
  },

  async cache(ask) {
    // Providers keep prompts from one to four thousand tokens on.
    const rules = Array.from({ length: 400 }, (_, index) => `Rule ${index + 1}: keep record ${index * 7919} as it is.`);
    const asked = { ...question('Say OK.', []), instructions: rules.join('\n'), prompt_cache_key: 'ccr-test-model' };
    await ask(asked);
    const { usage } = await ask(asked);
    const cached = usage?.input_tokens_details?.cached_tokens ?? 0;
    return cached > 0
      ? undefined
      : { detail: wording('The second of two equal prompts was not read from a cache.'), absent: true };
  },
};

function question(text: string, tools: readonly object[]) {
  const input: JsonObject[] = [{ role: 'user', content: [{ type: 'input_text', text }] }];
  return { input, max_output_tokens: answerTokens, ...(tools.length > 0 && { tools, tool_choice: 'auto' }) };
}

function callsIn({ output }: ModelReply): OutputItem[] {
  return output.filter(({ type }) => type === 'function_call');
}

function pathOf({ arguments: text = '' }: OutputItem): string {
  const value = parse(text);
  return isObject(value) && typeof value['path'] === 'string' ? value['path'] : `(${text})`;
}

function isAnswer(text: string): boolean {
  const value = parse(text);
  if (!isObject(value)) return false;
  return Object.keys(value).toSorted().join() === 'animal,legs' && value['animal'] === 'dog' && value['legs'] === 4;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function noCall(reply: ModelReply): Wording {
  return wording('It did not call the tool, and answered: {0}', short(textOf(reply)));
}

function short(text = ''): string {
  const line = text.replaceAll(/\s+/g, ' ').trim();
  return line === '' ? '(nothing)' : line.length > 120 ? `${line.slice(0, 120)}...` : line;
}
