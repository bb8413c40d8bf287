import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export const keys = {
  provider: 'plänted+key/of=the"provider\\1',
  header: 'planted-value-of-a-header-2',
  client: 'planted-token-of-clients-3',
  collector: 'planted-token-of-the-collector-4',
  redis: 'planted-password-of-redis-5',
  seal: Buffer.from('planted-seal-key-of-32-bytes-6!!').toString('base64'),
};
export const prompts = {
  text: 'A planted prompt about the "harbour" of Zürich\nand its second line',
  system: 'Planted instructions: speak of planted things only',
  part: 'harbour" of Zürich',
  result: 'The planted result of a tool, with planted figures',
  answer: 'A planted answer of the model about the planted harbour',
  thought: 'A planted thought of the model, which nobody else has',
  conversation: 'planted-name-of-a-conversation',
};
/** A name, which errors may quote. */
export const toolName = 'tool_of_the_client';
export const [allKeys, allPrompts] = [Object.values(keys), Object.values(prompts)];

/** What the provider does next with a request for this model. */
export type Way = 'answer' | 'quote' | 'break' | 'limit';

/** A provider that quotes whatever it gets in its errors and headers. */
export async function startQuotingProvider(): Promise<{ url: string; close(): void }> {
  const server = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (piece: string) => (body += piece));
    request.on('end', () => perform(request, body, response));
  });
  server.listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/v1`,
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}

function perform({ headers }: IncomingMessage, text: string, response: ServerResponse): void {
  const { model = '', stream } = JSON.parse(text) as { model?: string; stream?: boolean };
  const way = model as Way;
  // Tests of models by CCR have prompts of their own.
  const [thought, said] = text.includes('lanted') ? [prompts.thought, prompts.answer] : ['A thought', 'An answer'];
  const key = String(headers.authorization);
  const quoted = `Incorrect API key: ${key}, ${encodeURIComponent(key)}, ${Buffer.from(key).toString('base64')}. You sent ${text}`;
  if (way === 'quote' || way === 'limit') {
    const more = way === 'limit' ? { 'retry-after': '60' } : {};
    response.writeHead(way === 'limit' ? 429 : 401, {
      'content-type': 'application/json',
      'x-request-id': encodeURIComponent(quoted).slice(0, 2000),
      ...more,
    });
    response.end(JSON.stringify({ error: { message: quoted, code: key, type: prompts.text } }));
    return;
  }
  const chunk = (delta: object, finish: string | null = null): string =>
    `data: ${JSON.stringify({ id: 'c', model, choices: [{ index: 0, delta, finish_reason: finish }] })}\n\n`;
  const usage = { prompt_tokens: 100, completion_tokens: 20 };
  if (stream) {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write(chunk({ reasoning_content: thought }) + chunk({ content: said }));
    if (way === 'break') return void setTimeout(() => response.destroy(), 20);
    response.end(
      `${chunk({}, 'stop')}data: ${JSON.stringify({ id: 'c', model, choices: [], usage })}\n\ndata: [DONE]\n\n`,
    );
    return;
  }
  const message = { role: 'assistant', reasoning_content: thought, content: said };
  const whole = { id: 'c', model, choices: [{ index: 0, message, finish_reason: 'stop' }], usage };
  response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(whole));
}
