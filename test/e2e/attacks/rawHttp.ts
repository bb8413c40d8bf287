import { connect } from 'node:net';

export type Answered = { status: number; head: string; body: string; whole: string };

export type RawRequest = {
  method?: string;
  path: string;
  /** As they are sent, with repetitions. */
  headers?: readonly (readonly [name: string, value: string])[];
  body?: string | Uint8Array;
};

/** Sends bytes and resolves with what came back until the server closed, or with '' if it closed without an answer. */
export function sendBytes(port: number, bytes: string | Uint8Array, limitMs = 10_000): Promise<string> {
  return new Promise((resolve) => {
    let text = '';
    const socket = connect({ port, host: '127.0.0.1' });
    const timer = setTimeout(() => socket.destroy(), limitMs);
    socket.on('data', (chunk) => (text += chunk.toString('utf8')));
    socket.on('error', () => undefined);
    socket.on('close', () => {
      clearTimeout(timer);
      resolve(text);
    });
    // Without closing this side: for an HTTP server that is a client that has hung up.
    socket.write(bytes);
  });
}

/** Sends a request as it stands, which no HTTP client would do. */
export async function sendRaw(
  port: number,
  { method = 'POST', path, headers = [], body = '' }: RawRequest,
): Promise<Answered> {
  const given = headers.map(([name, value]) => `${name}: ${value}\r\n`).join('');
  const has = (wanted: string): boolean => headers.some(([name]) => name.toLowerCase() === wanted);
  const bytes = Buffer.from(body);
  const length = method === 'GET' ? '' : `content-length: ${bytes.length}\r\n`;
  const connection = has('connection') ? '' : 'connection: close\r\n';
  const host = has('host') ? '' : `host: 127.0.0.1:${port}\r\n`;
  const head = `${method} ${path} HTTP/1.1\r\n${host}${connection}${length}${given}\r\n`;
  const whole = await sendBytes(port, Buffer.concat([Buffer.from(head), bytes]));
  const end = whole.indexOf('\r\n\r\n');
  const status = Number(/^HTTP\/1\.1 (\d{3})/.exec(whole)?.[1] ?? 0);
  return { status, head: whole.slice(0, Math.max(end, 0)), body: whole.slice(end + 4), whole };
}
