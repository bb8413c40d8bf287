// The requests of the clients: a conversation of an agent, with tool calls and results, as long as wanted.
import { textOf } from './wires.mjs';

const system = 'You are a coding agent. Answer briefly.';
const parameters = { type: 'object', properties: { cmd: { type: 'string' } }, required: ['cmd'] };
const tool = { name: 'exec_command', description: 'Runs a command and returns its output.' };
const charactersPerTurn = 2000;

/** A streamed request of about `bytes`, as JSON. */
export function requestBody(dialect, model, bytes) {
  const write = (turns, rest) => JSON.stringify(writers[dialect](model, turns, textOf(rest, 7)));
  const bare = write(0, 0).length;
  const perTurn = write(1, 0).length - bare;
  const turns = Math.max(0, Math.floor((bytes - bare) / perTurn));
  return write(turns, Math.max(5, bytes - bare - turns * perTurn));
}

/** A call with its result for each turn. */
function turnsOf(count, write) {
  return Array.from({ length: count }, (_, turn) =>
    write(`call_${turn}`, JSON.stringify({ cmd: `sed -n ${turn}p a.txt` }), textOf(charactersPerTurn, turn * 31)),
  ).flat();
}

const writers = {
  chat: (model, turns, question) => ({
    model,
    stream: true,
    stream_options: { include_usage: true },
    messages: [
      { role: 'system', content: system },
      { role: 'user', content: 'Look at the files.' },
      ...turnsOf(turns, (id, call, output) => [
        {
          role: 'assistant',
          content: null,
          tool_calls: [{ id, type: 'function', function: { name: tool.name, arguments: call } }],
        },
        { role: 'tool', tool_call_id: id, content: output },
      ]),
      { role: 'user', content: question },
    ],
    tools: [{ type: 'function', function: { ...tool, parameters } }],
  }),

  responses: (model, turns, question) => ({
    model,
    stream: true,
    store: false,
    instructions: system,
    input: [
      { type: 'message', role: 'user', content: [{ type: 'input_text', text: 'Look at the files.' }] },
      ...turnsOf(turns, (call_id, call, output) => [
        { type: 'function_call', call_id, name: tool.name, arguments: call },
        { type: 'function_call_output', call_id, output },
      ]),
      { type: 'message', role: 'user', content: [{ type: 'input_text', text: question }] },
    ],
    tools: [{ type: 'function', ...tool, parameters, strict: false }],
  }),

  messages: (model, turns, question) => ({
    model,
    stream: true,
    max_tokens: 4096,
    system,
    messages: [
      { role: 'user', content: 'Look at the files.' },
      ...turnsOf(turns, (id, call, output) => [
        { role: 'assistant', content: [{ type: 'tool_use', id, name: tool.name, input: JSON.parse(call) }] },
        { role: 'user', content: [{ type: 'tool_result', tool_use_id: id, content: output }] },
      ]),
      { role: 'user', content: question },
    ],
    tools: [{ ...tool, input_schema: parameters }],
  }),
};
