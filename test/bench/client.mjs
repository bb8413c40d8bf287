// The client's side: whole requests over kept-alive connections.
import { Agent } from 'undici';

const agent = new Agent({ connections: 1000, bodyTimeout: 60_000, headersTimeout: 60_000 });

/** Sends one request and reads its answer to the end. Throws if that is not an answer of at least `leastBytes`. */
export async function ask({ url, path, body, headers: more, leastBytes }) {
  const headers = { 'content-type': 'application/json', authorization: 'Bearer none', ...more };
  const reply = await agent.request({ origin: url, path, method: 'POST', headers, body });
  let size = 0;
  let last = '';
  for await (const chunk of reply.body) {
    size += chunk.length;
    last = chunk;
  }
  if (reply.statusCode !== 200 || size < leastBytes) {
    throw new Error(`${url}${path} answered ${reply.statusCode}, ${size} bytes: ${String(last).slice(0, 500)}`);
  }
}

/** `count` requests, `atOnce` of them at a time. */
export async function askMany(request, count, atOnce) {
  let left = count;
  const worker = async () => {
    while (left-- > 0) await ask(request);
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, count) }, worker));
}

export const closeClient = () => agent.close();
