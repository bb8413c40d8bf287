import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What a test decides of each answer. */
export type ProviderRules = {
  /** Status by model; 200 if absent. */
  status: Map<string, number>;
  /** Of each answer. Tokens. */
  usage: { input: number; output: number };
  delayMs: number;
};

export type TeamProvider = {
  url: string;
  rules: ProviderRules;
  /** The bodies of the requests so far, and the keys that they came with. */
  requests: { model: string; key: string; messages: unknown[] }[];
  close(): void;
};

type Body = { model?: string; stream?: boolean; messages?: unknown[] };

/** A chat provider that counts, for several gateways. */
export async function startTeamProvider(): Promise<TeamProvider> {
  const rules: ProviderRules = { status: new Map(), usage: { input: 100, output: 20 }, delayMs: 0 };
  const requests: TeamProvider['requests'] = [];
  const server = createServer((request, response) => {
    void readJson(request).then((body) => {
      const { model = '', messages = [] } = body;
      requests.push({ model, key: String(request.headers.authorization).replace('Bearer ', ''), messages });
      setTimeout(() => answer(body, response, rules), rules.delayMs);
    });
  });
  server.listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    rules,
    requests,
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}

async function readJson(request: IncomingMessage): Promise<Body> {
  let text = '';
  for await (const piece of request.setEncoding('utf8')) text += String(piece);
  return JSON.parse(text) as Body;
}

function answer({ model = '', stream }: Body, response: ServerResponse, { status, usage }: ProviderRules): void {
  const code = status.get(model) ?? 200;
  if (code !== 200) {
    response.writeHead(code, { 'content-type': 'application/json', 'retry-after': '60' });
    response.end('{"error":{"message":"Not now."}}');
    return;
  }
  const { input, output } = usage;
  const counted = { prompt_tokens: input, completion_tokens: output, total_tokens: input + output };
  response.writeHead(200, { 'content-type': stream ? 'text/event-stream' : 'application/json' });
  if (!stream) {
    const choices = [{ index: 0, message: { role: 'assistant', content: 'Hi' }, finish_reason: 'stop' }];
    response.end(JSON.stringify({ id: 'c', model, choices, usage: counted }));
    return;
  }
  for (const event of [
    { choices: [{ index: 0, delta: { content: 'Hi' }, finish_reason: null }] },
    { choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] },
    { choices: [], usage: counted },
  ])
    response.write(`data: ${JSON.stringify({ id: 'c', model, ...event })}\n\n`);
  response.end('data: [DONE]\n\n');
}
