import type { ServerResponse } from 'node:http';

/** The answer to OPTIONS; the headers that allow anything are set before. */
export function preflight(response: ServerResponse): void {
  response.writeHead(204, { 'content-length': '0' });
  response.end();
}

export function sendJson(
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Record<string, string> = {},
): void {
  send(response, status, 'application/json', JSON.stringify(body), headers);
}

export function send(
  response: ServerResponse,
  status: number,
  contentType: string,
  body: string,
  headers: Record<string, string> = {},
): void {
  response.writeHead(status, { 'content-type': contentType, ...headers });
  response.end(body);
}
