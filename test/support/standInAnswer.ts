import type { UpstreamCall, UpstreamReply } from '../../src/gateway/upstream.ts';

/** Sends a request to a stand-in over HTTP, as the gateway's own upstream does. */
export async function askStandIn({ url, headers, body, signal }: UpstreamCall): Promise<UpstreamReply> {
  const response = await fetch(url, { method: 'POST', headers, body, signal });
  return { status: response.status, headers: Object.fromEntries(response.headers), body: chunksOf(response) };
}

async function* chunksOf(response: Response): AsyncGenerator<Uint8Array> {
  const reader = response.body?.getReader();
  for (let read = await reader?.read(); read && !read.done; read = await reader?.read()) yield read.value;
}
