import { brotliCompressSync, gzipSync } from 'node:zlib';
import { answer, type Fault } from './faults.ts';
import type { Peer } from './peer.ts';
import type { Meaning } from './rules.ts';
import type { Wire } from './wires.ts';

// Faults of servers and of what stands before them, below what a provider's program decides: of HTTP itself, of lengths,
// encodings and lines.

const events = { 'content-type': 'text/event-stream' };
const json = { 'content-type': 'application/json' };
const chunked = { 'transfer-encoding': 'chunked' };

function both(name: string, means: Meaning, play: Fault['play']): Fault {
  return { name, on: 'both', means, play };
}

/** The headers and the body of the usual answer. */
function usual(wire: Wire, stream: boolean): { type: Record<string, string>; body: string } {
  if (!stream) return { type: json, body: JSON.stringify(wire.whole) };
  return { type: events, body: wire.start + wire.text('Hello') + wire.finish };
}

/** The answer with a status line or headers of its own. */
function under(name: string, means: Meaning, head: string): Fault {
  return both(name, means, (peer, wire, stream) => {
    peer.write(head.replace('LENGTH', String(usual(wire, stream).body.length)));
    peer.write(usual(wire, stream).body);
    peer.end();
  });
}

function encoded(name: string, means: Meaning, encoding: string, encode: (body: string) => Uint8Array): Fault {
  return both(name, means, (peer, wire, stream) => {
    const { type, body } = usual(wire, stream);
    peer.head(200, { ...type, 'content-encoding': encoding });
    peer.write(encode(body));
    peer.end();
  });
}

const chunk = (body: string): string => `${body.length.toString(16)}\r\n${body}\r\n`;
const notHttp: Meaning = { kind: 'connection', says: 'not HTTP/1.1' };
const closing = 'HTTP/1.1 200 OK\r\nconnection: close\r\n';

export const httpFaults: readonly Fault[] = [
  both('a reset within the status line', { kind: 'connection' }, (peer) => { peer.write('HTTP/1.1 20'); setTimeout(peer.reset, 5); }),
  both('a close within the headers', { kind: 'connection' }, (peer) => { peer.write('HTTP/1.1 200 OK\r\ncontent-ty'); peer.end(); }),
  both('a reset within the length of a chunk', { kind: 'connection' }, (peer) => { peer.head(200, { ...events, ...chunked }); peer.write('1'); setTimeout(peer.reset, 5); }),
  both('a chunk of a negative length', { kind: 'connection' }, (peer) => { peer.head(200, { ...events, ...chunked }); peer.write('-5\r\nabc\r\n'); peer.end(); }),
  both('a chunk of a length beyond all numbers', { kind: 'connection' }, (peer) => { peer.head(200, { ...events, ...chunked }); peer.write('ffffffffffffffffff\r\nabc'); peer.end(); }),
  both('chunks with extensions', 'answer', (peer, wire, stream) => { const { type, body } = usual(wire, stream); peer.head(200, { ...type, ...chunked }); peer.write(chunk(body).replace('\r\n', ';a=b\r\n')); peer.write('0\r\n\r\n'); peer.end(); }),
  both('headers after the body', 'answer', (peer, wire, stream) => { const { type, body } = usual(wire, stream); peer.head(200, { ...type, ...chunked }); peer.write(chunk(body)); peer.write('0\r\nx-checksum: 1\r\n\r\n'); peer.end(); }),
  both('headers of 200 KB', { kind: 'connection', says: 'more than 16 KiB' }, (peer) => { peer.head(200, { 'x-large': 'a'.repeat(200_000) }); peer.end(); }),
  both('endless headers', { kind: 'connection', says: 'more than 16 KiB' }, (peer) => { peer.write('HTTP/1.1 200 OK\r\n'); peer.repeat(`x-large: ${'a'.repeat(2000)}\r\n`, 1); }),
  both('a header that comes byte by byte', { kind: 'timeout' }, (peer) => { peer.write('HTTP/1.1 200 OK\r\nx-slow: '); peer.repeat('a', 20); }),
  both('1,000 interim responses', 'answer', (peer, wire, stream) => { peer.write('HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n'.repeat(1000)); answer(peer, wire, stream); }),
  both('endless interim responses', { kind: 'timeout' }, (peer) => peer.repeat('HTTP/1.1 102 Processing\r\n\r\n', 2)),
  both('a switch of protocols', { kind: 'connection' }, (peer) => peer.write('HTTP/1.1 101 Switching\r\nupgrade: websocket\r\nconnection: upgrade\r\n\r\n')),
  both('a frame of HTTP/2', notHttp, (peer) => peer.write(Buffer.from('00001204000000000000030000006400040010000000060000400000000408', 'hex'))),
  under('the body alone (HTTP/0.9)', notHttp, ''),
  under('an unknown version of HTTP', notHttp, 'HTTP/3.0 200 OK\r\n\r\n'),
  under('a status that is no number', notHttp, 'HTTP/1.1 abc OK\r\n\r\n'),
  under('a status of two digits', notHttp, 'HTTP/1.1 99 OK\r\n\r\n'),
  under('a status of zeros', { kind: 'connection' }, 'HTTP/1.1 000 OK\r\n\r\n'),
  under('a negative length', notHttp, `${closing}content-length: -5\r\n\r\n`),
  under('two lengths', { kind: 'connection', says: 'another length' }, `${closing}content-length: LENGTH\r\ncontent-length: 7\r\n\r\n`),
  under('a length and chunks at once', { kind: 'connection' }, `${closing}content-length: 7\r\ntransfer-encoding: chunked\r\n\r\n`),
  under('a header without a colon', notHttp, `${closing}strange header\r\n\r\n`),
  under('a header over two lines', notHttp, `${closing}x-long: a\r\n b\r\n\r\n`),
  under('NUL in a header', notHttp, `${closing}x-odd: a\0b\r\n\r\n`),
  under('line feeds without carriage returns', notHttp, closing.replaceAll('\r', '') + '\n'),
  under('HTTP/1.0', 'answer', 'HTTP/1.0 200 OK\r\n\r\n'),
  under('no words after the status', 'answer', 'HTTP/1.1 200\r\nconnection: close\r\n\r\n'),
  under('blank lines before the status', 'answer', `\r\n\r\n${closing}\r\n`),
  under('a header that is not ASCII', 'answer', `${closing}x-odd: ä\r\n\r\n`),
]; // prettier-ignore

const bare: [status: number, Meaning][] = [
  [204, { kind: 'protocol', says: 'it is empty' }],
  [205, { kind: 'protocol', says: 'it is empty' }],
  [300, { kind: 'not-found', says: 'without saying where to' }],
  [302, { kind: 'not-found', says: 'without saying where to' }],
  [304, { kind: 'not-found', says: 'without saying where to' }],
  [421, { kind: 'invalid-request', says: 'HTTP 421' }],
  [451, { kind: 'invalid-request', says: 'HTTP 451' }],
  [599, { kind: 'upstream', says: 'HTTP 599' }],
  [600, { kind: 'upstream', says: 'HTTP 600' }],
  [999, { kind: 'upstream', says: 'HTTP 999' }],
];

export const bareStatuses: readonly Fault[] = [
  ...bare.map(([status, means]) =>
    both(`status ${status} alone`, means, (peer) => (peer.head(status, { 'content-length': '0' }), peer.end())),
  ),
  under('an answer with status 201', 'answer', closing.replace('200', '201') + '\r\n'),
  under('an answer with status 206', 'answer', closing.replace('200', '206') + '\r\n'),
];

const flipped = (bytes: Uint8Array): Uint8Array => bytes.map((byte, at) => (at === bytes.length - 6 ? byte ^ 1 : byte));
const whole = (name: string, means: Meaning, body: (wire: Wire) => string): Fault => ({
  name,
  on: 'whole',
  means,
  play: (peer, wire) => (peer.head(200, json), peer.write(body(wire)), peer.end()),
});
const protocol: Meaning = { kind: 'protocol' };

export const encodingFaults: readonly Fault[] = [
  encoded('an answer compressed twice', 'answer', 'gzip, br', (body) => brotliCompressSync(gzipSync(body))),
  encoded('an answer compressed in two parts', 'answer', 'gzip', (body) => Buffer.concat([gzipSync(body.slice(0, 50)), gzipSync(body.slice(50))])),
  encoded('a compressed answer with a wrong checksum', { kind: 'connection', says: 'damaged' }, 'gzip', (body) => flipped(gzipSync(body))),
  encoded('Brotli that is none', { kind: 'connection', says: 'damaged' }, 'br', () => Buffer.from([255, 254, 253, 252, 251, 250])),
  encoded('an answer behind 2 MB of blanks', 'answer', 'identity', (body) => Buffer.from(`${' \n'.repeat(1_000_000)}${body}`)),
  whole('an answer with a byte order mark', 'answer', ({ whole: it }) => `\uFEFF${JSON.stringify(it)}`),
  whole('an answer with something after it', protocol, ({ whole: it }) => `${JSON.stringify(it)}garbage`),
  whole('an answer twice', protocol, ({ whole: it }) => JSON.stringify(it).repeat(2)),
  whole('null', protocol, () => 'null'),
  whole('a list of numbers', protocol, () => '[1, 2]'),
  whole('an empty object', protocol, () => '{}'),
]; // prettier-ignore

function streamed(name: string, means: Meaning, play: (peer: Peer, wire: Wire) => void): Fault {
  return { name, on: 'stream', means, play: (peer, wire) => (peer.head(200, events), play(peer, wire)) };
}

/** The usual events, written in another way. */
function rewritten(name: string, rewrite: (text: string) => string): Fault {
  return streamed(name, 'answer', (peer, wire) => (peer.write(rewrite(usual(wire, true).body)), peer.end()));
}

function afterContent(name: string, rest: string | Uint8Array): Fault {
  return streamed(name, 'interrupted', (peer, { start, text }) => {
    peer.write(start + text('Hel'));
    setTimeout(() => (peer.write(rest), peer.end()), 30);
  });
}

export const lineFaults: readonly Fault[] = [
  rewritten('carriage returns alone', (text) => text.replaceAll('\n', '\r')),
  rewritten('no space after the colon', (text) => text.replaceAll('data: ', 'data:')),
  rewritten('names of fields in capitals', (text) => text.replaceAll('data:', 'DATA:')),
  rewritten('ids and times to reconnect', (text) => `retry: 10\n\n${text.replaceAll('data:', 'id: 7\ndata:')}`),
  rewritten('data over several lines', (text) => text.replaceAll(',"', ',\ndata: "')),
  rewritten('50,000 comments before the first event', (text) => ': x\n'.repeat(50_000) + text),
  rewritten('50,000 blank lines before the first event', (text) => '\n'.repeat(50_000) + text),
  rewritten('data nested 50,000 deep', (text) => `data: ${'['.repeat(50_000)}${']'.repeat(50_000)}\n\n${text}`),
  streamed('the end before the beginning', { kind: 'empty' }, (peer, wire) => (peer.write(`data: [DONE]\n\n${usual(wire, true).body}`), peer.end())),
  streamed('a line that never ends', { kind: 'timeout' }, (peer) => peer.repeat('x'.repeat(20_000), 2)),
  streamed('an event that never ends', { kind: 'timeout' }, (peer) => peer.repeat('data: x\n', 1)),
  streamed('an answer byte by byte', 'answer', (peer, wire) => dripped(peer, Buffer.from(usual(wire, true).body.slice(-500)), usual(wire, true).body.slice(0, -500))),
  afterContent('half of a character at the end', Buffer.from([0x64, 0x61, 0x74, 0x61, 0x3a, 0x20, 0xf0, 0x9f])),
  afterContent('a web page within the stream', '<html><title>Bad gateway</title></html>'),
  afterContent('a status line within the stream', 'HTTP/1.1 502 Bad Gateway\r\n\r\n'),
  { name: 'a chunk with a damaged length after content', on: 'stream', means: 'interrupted', play(peer, { start, text }) { peer.head(200, { ...events, ...chunked }); peer.write(chunk(start + text('Hel'))); setTimeout(() => { peer.write('zz\r\n'); peer.end(); }, 30); } },
  { name: 'chunks without the last one', on: 'stream', means: 'answer', play(peer, wire) { peer.head(200, { ...events, ...chunked }); peer.write(chunk(usual(wire, true).body)); peer.end(); } },
  { name: 'chunks of a whole answer without the last one', on: 'whole', means: { kind: 'connection' }, play(peer, wire) { peer.head(200, { ...json, ...chunked }); peer.write(chunk(JSON.stringify(wire.whole))); peer.end(); } },
]; // prettier-ignore

function dripped(peer: Peer, bytes: Uint8Array, before: string): void {
  peer.write(before);
  let at = 0;
  const next = (): void => {
    peer.write(bytes.subarray(at, ++at));
    if (at < bytes.length) setImmediate(next);
    else peer.end();
  };
  next();
}
