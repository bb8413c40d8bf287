// A provider that quotes what it gets, in every place where a reply has room, and breaks every rule.
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export type Protocol = 'openai' | 'responses' | 'anthropic';

type Question = { protocol: Protocol; stream: boolean; quote: string };

/** The whole answer "Hi", with more fields. */
function answer({ protocol }: Question, more: object = {}): object {
  switch (protocol) {
    case 'openai':
      return {
        id: 'c1',
        choices: [{ index: 0, message: { role: 'assistant', content: 'Hi' }, finish_reason: 'stop' }],
        ...more,
      };
    case 'responses': {
      const content = [{ type: 'output_text', text: 'Hi', annotations: [] }];
      const output = [{ type: 'message', id: 'm1', role: 'assistant', status: 'completed', content }];
      return { id: 'r1', object: 'response', status: 'completed', output, ...more };
    }
    case 'anthropic':
      return {
        id: 'a1',
        type: 'message',
        role: 'assistant',
        content: [{ type: 'text', text: 'Hi' }],
        stop_reason: 'end_turn',
        usage: { input_tokens: 1, output_tokens: 1 },
        ...more,
      };
    default:
      return protocol satisfies never;
  }
}

function events({ protocol }: Question, more: object = {}): object[] {
  switch (protocol) {
    case 'openai':
      return [
        { id: 'c1', choices: [{ index: 0, delta: { content: 'Hi' }, finish_reason: null }], ...more },
        { id: 'c1', choices: [{ index: 0, delta: {}, finish_reason: 'stop' }], ...more },
      ];
    case 'responses': {
      const response = answer({ protocol, stream: false, quote: '' }, more);
      return [
        { type: 'response.created', response: { ...response, status: 'in_progress', output: [] }, ...more },
        { type: 'response.output_text.delta', item_id: 'm1', output_index: 0, content_index: 0, delta: 'Hi', ...more },
        { type: 'response.completed', response, ...more },
      ];
    }
    case 'anthropic':
      return [
        { type: 'message_start', message: { id: 'a1', type: 'message', role: 'assistant', content: [], ...more } },
        { type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' }, ...more },
        { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: 'Hi' }, ...more },
        { type: 'content_block_stop', index: 0 },
        { type: 'message_delta', delta: { stop_reason: 'end_turn' }, usage: { output_tokens: 1 }, ...more },
        { type: 'message_stop' },
      ];
    default:
      return protocol satisfies never;
  }
}

function send(response: ServerResponse, question: Question, more: object = {}, headers: object = {}): void {
  if (!question.stream) return json(response, 200, answer(question, more), headers);
  response.writeHead(200, { 'content-type': 'text/event-stream', ...headers });
  for (const event of events(question, more)) response.write(`data: ${JSON.stringify(event)}\n\n`);
  response.end(question.protocol === 'openai' ? 'data: [DONE]\n\n' : '');
}

function json(response: ServerResponse, status: number, body: object | string, headers: object = {}): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
  response.end(typeof body === 'string' ? body : JSON.stringify(body));
}

const nested = '['.repeat(20_000) + ']'.repeat(20_000);
const steering = 'bad \u001b]0;title\u0007\u001b[2J\r\n2026-01-01T00:00:00.000Z error forged \u202e\u0000';

/** By the name of the model that is asked for. */
export const misdeeds: Record<string, (response: ServerResponse, question: Question, elsewhere: string) => void> = {
  'quotes-400': (response, { quote }) => json(response, 400, { error: { message: `Refused: ${quote}`, code: quote } }),
  'quotes-401': (response, { quote }) => json(response, 401, { error: { message: `Wrong: ${quote}`, param: quote } }),
  'quotes-429': (response, { quote }) => json(response, 429, { message: quote }, { 'retry-after': '1' }),
  'quotes-500': (response, { quote }) => json(response, 500, `<html><title>${quote}</title></html>`),
  'quotes-200-error': (response, { quote }) => json(response, 200, { error: { message: quote } }),
  'quotes-text': (response, { quote }) => json(response, 200, `No JSON: ${quote}`),
  'quotes-field': (response, question) => send(response, question, { your_request: question.quote }),
  'quotes-headers': (response, question) =>
    send(
      response,
      question,
      {},
      {
        'x-ratelimit-limit-requests': question.quote.replaceAll(/[^\x20-\x7e]/g, '').slice(0, 6000),
        'x-request-id': 'theirs',
      },
    ),
  'quotes-mid-stream': (response, question) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    for (const event of events(question).slice(0, -1)) response.write(`data: ${JSON.stringify(event)}\n\n`);
    response.end(`event: error\ndata: ${JSON.stringify({ type: 'error', error: { message: question.quote } })}\n\n`);
  },
  'quotes-comment': (response, question) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write(`: ${JSON.stringify(question.quote)}\n\nid: ${JSON.stringify(question.quote)}\n\n`);
    for (const event of events(question)) response.write(`data: ${JSON.stringify(event)}\n\n`);
    response.end(`data: not JSON ${JSON.stringify(question.quote)}\n\n`);
  },
  'steers-terminal': (response) => json(response, 400, { error: { message: steering, code: steering } }),
  'steers-stream': (response, question) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    for (const event of events(question).slice(0, -1)) response.write(`data: ${JSON.stringify(event)}\n\n`);
    response.end(`data: ${JSON.stringify({ type: 'error', error: { message: steering } })}\n\n`);
  },
  'nests-reply': (response) => json(response, 200, `{"choices":${nested},"output":${nested},"content":${nested}}`),
  'nests-error': (response) => json(response, 400, `{"error":{"message":${nested}}}`),
  'nests-stream': (response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.end(`data: {"choices":${nested}}\n\ndata: ${nested}\n\n`);
  },
  'names-waits': (response) =>
    json(response, 429, { error: { message: 'Slow down.', [`retry${'timestamp'.repeat(300)}x`]: 5 } }),
  'sends-blanks': (response, question) => {
    response.writeHead(200, { 'content-type': 'application/json' });
    response.write(' \n'.repeat(2_000_000));
    response.end(JSON.stringify(answer(question)));
  },
  'ends-no-event': (response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    for (let count = 0; count < 100; count++) response.write('data: x\n'.repeat(200));
    response.end();
  },
  'inherits-names': (response, question) =>
    send(response, question, JSON.parse('{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}')),
  redirects: (response, _, elsewhere) => {
    response.writeHead(302, { location: elsewhere });
    response.end();
  },
  'redirects-post': (response, _, elsewhere) => {
    response.writeHead(307, { location: elsewhere });
    response.end();
  },
  'is-garbage': (response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream', 'content-encoding': 'gzip' });
    response.end(Buffer.from([0x1f, 0x8b, 8, 0, 255, 255, 255, 255, 0, 1, 2, 3]));
  },
};

async function readText(request: IncomingMessage): Promise<string> {
  let text = '';
  request.setEncoding('utf8');
  for await (const chunk of request as AsyncIterable<string>) text += chunk;
  return text;
}

/** Starts the provider, and another server that nothing may ever connect to. */
export async function startHostileProvider() {
  let strayConnections = 0;
  const canary = createServer((_, response) => response.end('{}')).on('connection', () => strayConnections++);
  canary.listen(0, '127.0.0.1');
  await once(canary, 'listening');
  const elsewhere = `http://127.0.0.1:${(canary.address() as AddressInfo).port}/stolen`;

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const text = await readText(request);
    const path = request.url ?? '';
    const protocol = path.includes('/messages') ? 'anthropic' : path.includes('/responses') ? 'responses' : 'openai';
    const body = JSON.parse(text || '{}') as { model?: string; stream?: boolean };
    const quote = `${JSON.stringify(request.headers)} ${path} ${text}`;
    const question: Question = { protocol, stream: body.stream === true, quote };
    const misdeed = Object.hasOwn(misdeeds, body.model ?? '') ? misdeeds[body.model ?? ''] : undefined;
    if (misdeed) misdeed(response, question, elsewhere);
    else send(response, question);
  }

  const server = createServer((request, response) => void handle(request, response).catch(() => response.destroy()));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    elsewhere,
    strayConnections: () => strayConnections,
    close(): void {
      for (const each of [server, canary]) {
        each.close();
        each.closeAllConnections();
      }
    },
  };
}
