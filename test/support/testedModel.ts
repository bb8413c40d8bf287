// A provider of Chat Completions whose model passes the contract test, or fails one check of it.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { CheckName } from '../../src/control/modelTests.ts';

type Tool = { function: { name: string; parameters: { properties: object } } };
type Body = {
  messages: { role: string; content: unknown; reasoning_content?: string }[];
  tools?: Tool[];
  response_format?: unknown;
};

export type TestedModel = {
  /** A base URL. */
  url: string;
  /** From now on fails this check alone. */
  fail(check: CheckName | undefined): void;
  close(): void;
};

export async function startTestedModel(): Promise<TestedModel> {
  let failing: CheckName | undefined;
  const seen = new Set<string>();
  const server = createServer((request, response) => {
    let text = '';
    request.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
    request.on('end', () => {
      const body = JSON.parse(text) as Body;
      const isKnown = seen.has(text) && failing !== 'cache';
      seen.add(text);
      const { status = 200, ...reply } = answer(body, failing);
      if (status !== 200) return response.writeHead(status).end(JSON.stringify({ error: { message: 'No reasoning' } }));
      const { finish_reason = 'stop', ...message } = reply;
      const usage = {
        prompt_tokens: 5000,
        completion_tokens: failing === 'usage' ? 0 : 20,
        total_tokens: failing === 'usage' ? 5000 : 5020,
        prompt_tokens_details: { cached_tokens: isKnown ? 4096 : 0 },
      };
      const choices = [{ index: 0, message: { role: 'assistant', content: null, ...message }, finish_reason }];
      const json = { id: 'x', object: 'chat.completion', created: 1, model: 'm', choices };
      response.writeHead(200, { 'content-type': 'application/json' });
      return response.end(JSON.stringify({ ...json, usage }));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    fail: (check) => void (failing = check),
    close: () => void server.close(),
  };
}

type Answer = {
  status?: number;
  finish_reason?: string;
  content?: string;
  reasoning_content?: string;
  tool_calls?: object[];
};

function answer({ messages, tools = [], response_format: format }: Body, failing: CheckName | undefined): Answer {
  const asked = JSON.stringify(messages.findLast(({ role }) => role === 'user')?.content ?? '');
  const [tool] = tools;
  const result = messages.findLast(({ role }) => role === 'tool');
  if (result) {
    const isReplayed = messages.some(({ reasoning_content: text }) => text === 'I read the file.');
    if (!isReplayed || failing === 'reasoning-replay') return { status: 400 };
    return { content: String(result.content) };
  }
  if (tool) return callTool(tool, asked, failing);
  if (asked.includes('colour'))
    return { content: failing === 'image' || !asked.includes('image_url') ? 'Blue.' : 'Red.' };
  if (format) return { content: failing === 'structured-output' ? 'A dog.' : '{"animal":"dog","legs":4}' };
  if (!asked.includes('Count')) return { content: 'OK' };
  const numbers = Array.from({ length: 150 }, (_, index) => index + 1);
  if (failing === 'long-output') return { content: numbers.slice(0, 70).join('\n'), finish_reason: 'length' };
  return { content: numbers.join('\n') };
}

function callTool({ function: { name } }: Tool, asked: string, failing: CheckName | undefined): Answer {
  const call = (input: object, id: string): object => ({
    id,
    type: 'function',
    function: { name, arguments: JSON.stringify(input) },
  });
  const calls = (...tool_calls: object[]): Answer => ({
    reasoning_content: 'I read the file.',
    finish_reason: 'tool_calls',
    tool_calls,
  });
  if (name.includes('apply_patch')) {
    const lines = ['*** Begin Patch', '*** Add File: hello.txt', '+hello', '*** End Patch'];
    return calls(call({ input: failing === 'apply-patch' ? 'diff --git' : lines.join('\n') }, 'c1'));
  }
  if (name !== 'read_file')
    return failing === 'namespaced-tool' ? { content: 'No tool' } : calls(call({ path: 'a.txt' }, 'c1'));
  if (asked.includes('b.txt')) {
    const second = failing === 'parallel-calls' ? 'c.txt' : 'b.txt';
    return calls(call({ path: 'a.txt' }, 'c1'), call({ path: second }, 'c2'));
  }
  const isFirstCheck = !asked.includes('then answer');
  return calls(call({ path: failing === 'tool-call' && isFirstCheck ? 'b.txt' : 'a.txt' }, 'c1'));
}
