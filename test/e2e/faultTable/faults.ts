import { gzipSync } from 'node:zlib';
import type { ErrorKind } from '../../../src/canonical/errors.ts';
import type { Peer } from './peer.ts';
import type { Meaning } from './rules.ts';
import type { Wire } from './wires.ts';

/** `on`: the requests that it can happen to, streamed ones, whole ones or both. */
export type Fault = {
  name: string;
  on: 'stream' | 'whole' | 'both';
  means: Meaning;
  play(peer: Peer, wire: Wire, stream: boolean): void;
};

const events = { 'content-type': 'text/event-stream' };
const json = { 'content-type': 'application/json' };
const words = 'The engine broke.';

function send(peer: Peer, status: number, headers: Record<string, string>, body: string | Uint8Array): void {
  peer.head(status, headers);
  peer.write(body);
  peer.end();
}

/** A whole answer, streamed or not. */
export function answer(peer: Peer, wire: Wire, stream: boolean): void {
  if (stream) send(peer, 200, events, wire.start + wire.text('Hello') + wire.finish);
  else send(peer, 200, json, JSON.stringify(wire.whole));
}

const statusKinds: [number, ErrorKind][] = [
  [400, 'invalid-request'], [401, 'auth'], [402, 'quota'], [403, 'permission'], [404, 'not-found'], [405, 'not-found'],
  [408, 'timeout'], [409, 'upstream'], [410, 'not-found'], [413, 'too-large'], [418, 'invalid-request'], [422, 'invalid-request'],
  [429, 'rate-limited'], [500, 'upstream'], [501, 'upstream'], [502, 'upstream'], [503, 'upstream'], [504, 'upstream'],
  [520, 'upstream'], [529, 'overloaded'],
]; // prettier-ignore

const error = JSON.stringify({ error: { message: words, type: 'strange', param: null } });
const page = '<!doctype html><html><head><title>Sorry</title></head><body>nothing here</body></html>';

const bodies: [name: string, says: string, play: (peer: Peer, status: number) => void][] = [
  ['an error as JSON', words, (peer, status) => send(peer, status, json, error)],
  ['`{code, msg}`', words, (peer, status) => send(peer, status, json, JSON.stringify({ code: 10234, msg: words }))],
  ['`{success, errorMsg}`', words, (peer, status) => send(peer, status, json, JSON.stringify({ success: false, errorMsg: words }))],
  ['a web page', 'web page: Sorry', (peer, status) => send(peer, status, { 'content-type': 'text/html' }, page)],
  ['plain text', words, (peer, status) => send(peer, status, { 'content-type': 'text/plain' }, words)],
  ['no body', 'empty body', (peer, status) => send(peer, status, { 'content-length': '0' }, '')],
  ['JSON that is cut off', words, (peer, status) => send(peer, status, { ...json, 'content-length': '999' }, error.slice(0, -9))],
  ['JSON of 300 KiB', words, (peer, status) => send(peer, status, json, `${error.slice(0, -1)},"trace":"${'x'.repeat(300_000)}"}`)],
  ['JSON, then silence', words, (peer, status) => { peer.head(status, { ...json, 'content-length': '999' }); peer.write(error); }],
  ['compressed JSON', words, (peer, status) => send(peer, status, { ...json, 'content-encoding': 'gzip' }, gzipSync(error))],
]; // prettier-ignore

const statuses: Fault[] = statusKinds.flatMap(([status, kind]) =>
  bodies.map(([name, says, play]) => ({
    name: `status ${status} with ${name}`,
    on: 'both',
    means: { kind, says },
    play: (peer) => play(peer, status),
  })),
);

const redirects: Fault[] = [301, 302, 303, 307, 308].map((status) => ({
  name: `a redirect (${status}) to another host`,
  on: 'both',
  means: { kind: 'not-found', says: 'redirects to https://elsewhere.test/v2' },
  play: (peer) => send(peer, status, { location: 'https://elsewhere.test/v2?key=1' }, ''),
}));

const connection: Fault[] = [
  { name: 'a connection that is reset before the status', on: 'both', means: { kind: 'connection' }, play: (peer) => peer.reset() },
  { name: 'a connection that is closed before the status', on: 'both', means: { kind: 'connection' }, play: (peer) => peer.end() },
  { name: 'a reset within the headers', on: 'both', means: { kind: 'connection' }, play: (peer) => { peer.write('HTTP/1.1 200 OK\r\ncontent-'); peer.reset(); } },
  { name: 'something that is not HTTP', on: 'both', means: { kind: 'connection' }, play: (peer) => { peer.write('SSH-2.0-OpenSSH_9.6\r\n'); peer.end(); } },
  { name: 'no answer at all', on: 'both', means: { kind: 'timeout' }, play: () => undefined },
  { name: 'headers that do not end', on: 'both', means: { kind: 'timeout' }, play: (peer) => peer.write('HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n') },
  { name: 'a status, then silence', on: 'both', means: { kind: 'timeout' }, play: (peer) => peer.head(200, events) },
  { name: 'a status, then a reset', on: 'both', means: { kind: 'connection' }, play: (peer) => { peer.head(200, { ...json, 'content-length': '99' }); setTimeout(peer.reset, 5); } },
  { name: 'interim responses before the answer', on: 'both', means: 'answer', play(peer, wire, stream) { peer.write('HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n'); answer(peer, wire, stream); } },
]; // prettier-ignore

const wholes: Fault[] = [
  { name: 'an empty body', on: 'both', means: { kind: 'protocol' }, play: (peer) => send(peer, 200, { ...json, 'content-length': '0' }, '') },
  { name: 'a web page with status 200', on: 'both', means: { kind: 'protocol' }, play: (peer) => send(peer, 200, { 'content-type': 'text/html' }, page) },
  { name: 'plain text with status 200', on: 'both', means: { kind: 'protocol' }, play: (peer) => send(peer, 200, { 'content-type': 'text/plain' }, 'Hello there') },
  { name: 'JSON of another API', on: 'both', means: { kind: 'protocol' }, play: (peer) => send(peer, 200, json, '{"hello":["world"]}') },
  { name: 'an answer that is cut within its JSON', on: 'whole', means: { kind: 'protocol' }, play: (peer, wire) => send(peer, 200, json, JSON.stringify(wire.whole).slice(0, -20)) },
  { name: 'an answer shorter than its length', on: 'whole', means: { kind: 'connection' }, play: (peer, wire) => send(peer, 200, { ...json, 'content-length': '9999' }, JSON.stringify(wire.whole)) },
  { name: 'an answer that stops halfway', on: 'whole', means: { kind: 'timeout' }, play(peer, wire) { peer.head(200, { ...json, 'content-length': '9999' }); peer.write(JSON.stringify(wire.whole).slice(0, 60)); } },
  { name: 'an answer with the label of an event stream', on: 'whole', means: 'answer', play: (peer, wire) => send(peer, 200, events, JSON.stringify(wire.whole)) },
  { name: 'an answer with the label of another encoding', on: 'whole', means: 'answer', play: (peer, wire) => send(peer, 200, { ...json, 'content-encoding': 'gzip' }, JSON.stringify(wire.whole)) },
  { name: 'a compressed answer that is cut off', on: 'whole', means: { kind: 'connection' }, play: (peer, wire) => send(peer, 200, { ...json, 'content-encoding': 'gzip' }, gzipSync(JSON.stringify(wire.whole)).subarray(0, 40)) },
  { name: 'an unknown encoding', on: 'both', means: { kind: 'protocol', says: '"snappy"' }, play: (peer) => send(peer, 200, { ...json, 'content-encoding': 'snappy' }, 'abcdef') },
  { name: 'a chunk with a damaged length', on: 'both', means: { kind: 'connection' }, play: (peer) => send(peer, 200, { ...events, 'transfer-encoding': 'chunked' }, 'zz\r\nabc\r\n') },
]; // prettier-ignore

const envelopes: [string, object, ErrorKind][] = [
  ['`error` as an object', { error: { message: words } }, 'upstream'],
  ['`error` as text', { error: words }, 'upstream'],
  ['`{code, msg}`', { code: 10234, msg: words, data: null }, 'upstream'],
  ['`{code, msg}` with the code of a status', { code: 401, msg: words }, 'auth'],
  ['`{success, errorMsg}`', { success: false, errorMsg: words }, 'upstream'],
  ['`{success, code, message}`', { success: false, code: 400, message: words }, 'invalid-request'],
  ['`type` "error"', { type: 'error', error: { type: 'overloaded_error', message: words } }, 'overloaded'],
  ['`{detail}`', { detail: words }, 'upstream'],
  ['a rate limit', { error: { message: words, code: 'rate_limit_exceeded' } }, 'rate-limited'],
  ['a full context', { error: { message: words, code: 'context_length_exceeded' } }, 'context-length'],
];

const inside: Fault[] = envelopes.flatMap(([name, body, kind]): Fault[] => [
  { name: `an error inside a 200: ${name}`, on: 'both', means: { kind, says: words }, play: (peer) => send(peer, 200, json, JSON.stringify(body)) },
  { name: `an error as the first event: ${name}`, on: 'stream', means: { kind, says: words }, play: (peer, { start }) => send(peer, 200, events, `${start}data: ${JSON.stringify(body)}\n\n`) },
  { name: `an error after content: ${name}`, on: 'stream', means: 'interrupted', play(peer, { start, text }) { peer.head(200, events); peer.write(start + text('Hel')); setTimeout(() => { peer.write(`data: ${JSON.stringify(body)}\n\n`); peer.end(); }, 40); } },
]); // prettier-ignore

/** A stream that goes on after its head and its start. */
function streaming(name: string, means: Meaning, play: (peer: Peer, wire: Wire) => void): Fault {
  return { name, on: 'stream', means, play: (peer, wire) => (peer.head(200, events), play(peer, wire)) };
}

const big = `"${' '.repeat(200_000)}"`;
const streams: Fault[] = [
  streaming('a stream without an event', { kind: 'empty' }, (peer) => peer.end()),
  streaming('a stream of one comment', { kind: 'empty' }, (peer) => (peer.write(': hello\n\n'), peer.end())),
  streaming('a stream that ends before its content', { kind: 'empty' }, (peer, { start }) => (peer.write(start), peer.end())),
  streaming('a finish without content', { kind: 'empty' }, (peer) => (peer.write('data: [DONE]\n\n'), peer.end())),
  streaming('a reset before the content', { kind: 'connection' }, (peer, { start }) => (peer.write(start), setTimeout(peer.reset, 20))),
  streaming('silence before the content', { kind: 'timeout' }, (peer, { start }) => peer.write(start)),
  streaming('endless comments', { kind: 'timeout' }, (peer) => peer.repeat(': ping\n\n', 20)),
  streaming('endless pings', { kind: 'timeout' }, (peer) => peer.repeat('event: ping\ndata: {"type":"ping"}\n\n', 20)),
  streaming('endless empty deltas', { kind: 'timeout' }, (peer, { start, text }) => (peer.write(start), peer.repeat(text(''), 20))),
  streaming('a flood of empty deltas', { kind: 'protocol', says: 'MiB without any content' }, (peer, { start, text }) => (peer.write(start), peer.repeat(text('').replace('{', `{"x":${big},`).repeat(5), 1))),
  streaming('a web page as an event', { kind: 'upstream' }, (peer) => (peer.write(`data: ${page}\n\n`), peer.end())),
  streaming('the end missing', 'interrupted', (peer, { start, text }) => (peer.write(start + text('Hel')), peer.end())),
  streaming('an end within an event', 'interrupted', (peer, { start, text }) => (peer.write(start + text('Hel') + text('lo').slice(0, -12)), peer.end())),
  streaming('a reset after content', 'interrupted', (peer, { start, text }) => (peer.write(start + text('Hel')), setTimeout(peer.reset, 40))),
  streaming('silence after content', 'interrupted', (peer, { start, text }) => peer.write(start + text('Hel'))),
  streaming('garbage between events', 'answer', (peer, { start, text, finish }) => (peer.write(`${start}${text('Hel')}data: {{{\n\nfoo\n\n${text('lo')}${finish}`), peer.end())),
  streaming('heartbeats between events', 'answer', (peer, { start, text, finish }) => (peer.write(`${start}: ping\n\n${text('Hel')}data: ping\n\n${text('lo')}${finish}`), peer.end())),
  streaming('the finish twice', 'answer', (peer, { start, text, finish }) => (peer.write(start + text('Hello') + finish + finish), peer.end())),
  streaming('the finish twice, apart', 'answer', (peer, { start, text, finish }) => { peer.write(start + text('Hello') + finish); setTimeout(() => { peer.write(finish); peer.end(); }, 30); }),
  streaming('content after the end', 'answer', (peer, { start, text, finish }) => (peer.write(start + text('Hello') + finish + text(' again')), peer.end())),
  streaming('an error after the end', 'answer', (peer, { start, text, finish }) => (peer.write(`${start}${text('Hello')}${finish}data: ${error}\n\n`), peer.end())),
  streaming('a connection that stays open after the end', 'answer', (peer, { start, text, finish }) => peer.write(start + text('Hello') + finish)),
  streaming('an end without a blank line', 'answer', (peer, { start, text, finish }) => (peer.write((start + text('Hello') + finish).trimEnd()), peer.end())),
  streaming('events with CRLF', 'answer', (peer, { start, text, finish }) => (peer.write((start + text('Hello') + finish).replaceAll('\n', '\r\n')), peer.end())),
  streaming('a byte order mark', 'answer', (peer, { start, text, finish }) => (peer.write(`\uFEFF${start}${text('Hello')}${finish}`), peer.end())),
  { name: 'a stream labelled as JSON', on: 'stream', means: 'answer', play: (peer, { start, text, finish }) => send(peer, 200, json, start + text('Hello') + finish) },
  { name: 'a stream without a label', on: 'stream', means: 'answer', play: (peer, { start, text, finish }) => send(peer, 200, {}, start + text('Hello') + finish) },
  { name: 'a whole answer in place of a stream', on: 'stream', means: 'answer', play: (peer, wire) => answer(peer, wire, false) },
  { name: 'a stream in place of a whole answer', on: 'whole', means: 'answer', play: (peer, wire) => answer(peer, wire, true) },
]; // prettier-ignore

export const ownFaults = { connection, statuses, redirects, wholes, inside, streams };
