import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { GatewayError, messageOf } from '../../canonical/errors.ts';
import { maxBodyBytes } from '../body.ts';
import { sameSecret } from '../guard.ts';
import { sendJson } from '../send.ts';
import { readModelRequest, type ModelRequest } from './readChat.ts';

export type ModelEvent = { type: 'text'; text: string } | { type: 'call'; id: string; name: string; input: object };

/** Tokens, as the model's own extension counts them. */
export type ModelUsage = { input: number; output: number };

/** VS Code's models, as the server asks them. */
export type ModelSource = {
  /** `vendor/id` of each. */
  list(): Promise<string[]>;
  /**
   * Emits what the model says. Resolves with its count of the tokens, if it has one.
   * @throws ModelError, or any other error
   */
  ask(request: ModelRequest, emit: (event: ModelEvent) => void, signal: AbortSignal): Promise<ModelUsage | undefined>;
};

/** A refusal with its HTTP status. */
export class ModelError extends Error {
  readonly status: number;
  constructor(status: number, message: string, cause?: unknown) {
    super(message, { cause });
    this.status = status;
  }
}

export type ModelServer = { url: string; key: string; close(): void };

/** Answers Chat Completions on this machine to those who have its key: the gateway alone. */
export async function startModelServer(source: ModelSource): Promise<ModelServer> {
  const key = randomBytes(32).toString('base64url');
  const server = createServer((request, response) => {
    answer(request, response, source, key).catch((error: unknown) => refuse(response, error));
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    key,
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  source: ModelSource,
  key: string,
): Promise<void> {
  if (!sameSecret(request.headers.authorization ?? '', `Bearer ${key}`))
    throw new ModelError(401, 'Missing or wrong key.');
  const place = `${request.method} ${request.url}`;
  if (place === 'GET /v1/models') {
    const ids = await source.list();
    return sendJson(response, 200, { object: 'list', data: ids.map((id) => ({ id, object: 'model' })) });
  }
  if (place !== 'POST /v1/chat/completions') throw new ModelError(404, `There is no ${place}.`);
  const asked = readModelRequest(JSON.parse(await readBody(request)));
  const gone = new AbortController();
  response.on('close', () => gone.abort());
  const writer = asked.stream ? streamWriter(response, asked.model) : wholeWriter(response, asked.model);
  const usage = await source.ask(asked, writer.push, gone.signal);
  return writer.end(usage);
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > maxBodyBytes) throw new ModelError(413, 'The request is too large.');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

type Writer = { push(event: ModelEvent): void; end(usage: ModelUsage | undefined): void };

const id = 'chatcmpl-vscode';

function streamWriter(response: ServerResponse, model: string): Writer {
  let calls = 0;
  const send = (data: unknown): void => {
    if (!response.headersSent) response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write(`data: ${JSON.stringify(data)}\n\n`);
  };
  const chunk = (delta: object, finish: string | null): object => ({
    id,
    object: 'chat.completion.chunk',
    created: 0,
    model,
    choices: [{ index: 0, delta, finish_reason: finish }],
  });
  return {
    push(event) {
      if (event.type === 'text') send(chunk({ role: 'assistant', content: event.text }, null));
      else send(chunk({ role: 'assistant', tool_calls: [{ index: calls++, ...writeCall(event) }] }, null));
    },
    end(usage) {
      send(chunk({}, calls > 0 ? 'tool_calls' : 'stop'));
      if (usage) send({ ...chunk({}, null), choices: [], usage: writeUsage(usage) });
      response.end('data: [DONE]\n\n');
    },
  };
}

function wholeWriter(response: ServerResponse, model: string): Writer {
  const events: ModelEvent[] = [];
  return {
    push: (event) => void events.push(event),
    end(usage) {
      const calls = events.flatMap((event) => (event.type === 'call' ? writeCall(event) : []));
      const message = {
        role: 'assistant',
        content: events.map((event) => (event.type === 'text' ? event.text : '')).join('') || null,
        ...(calls.length > 0 && { tool_calls: calls }),
      };
      sendJson(response, 200, {
        id,
        object: 'chat.completion',
        created: 0,
        model,
        choices: [{ index: 0, message, finish_reason: calls.length > 0 ? 'tool_calls' : 'stop' }],
        ...(usage && { usage: writeUsage(usage) }),
      });
    },
  };
}

function writeCall({ id: callId, name, input }: Extract<ModelEvent, { type: 'call' }>): object {
  return { id: callId, type: 'function', function: { name, arguments: JSON.stringify(input) } };
}

function writeUsage({ input, output }: ModelUsage): object {
  return { prompt_tokens: input, completion_tokens: output, total_tokens: input + output };
}

/** After the first event the status is sent, so the error is an event too. */
function refuse(response: ServerResponse, error: unknown): void {
  const body = { error: { message: messageOf(error), type: 'vscode' } };
  if (response.headersSent) response.end(`data: ${JSON.stringify(body)}\n\n`);
  else sendJson(response, error instanceof ModelError ? error.status : statusOf(error), body);
}

function statusOf(error: unknown): number {
  return error instanceof GatewayError || error instanceof SyntaxError ? 400 : 502;
}
