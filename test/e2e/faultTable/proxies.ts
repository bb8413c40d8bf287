import type { DialectId } from '../../../src/canonical/request.ts';
import { createUpstream } from '../../../src/gateway/upstream.ts';
import { openTcpServer, type TestServer } from '../../support/sockets.ts';
import { createFastClock, openTableGateway, readsHello } from './cell.ts';
import { answer } from './faults.ts';
import type { PeerServer } from './peer.ts';
import { ruleOf } from './rules.ts';
import { wires } from './wires.ts';

/** What a proxy does with a request: `scheme` is that of the provider's URL, which decides between a tunnel and forwarding. */
export type ProxyFault = {
  name: string;
  scheme: 'http' | 'https';
  kind: 'connection' | 'timeout';
  /** What the error says; `PROXY` stands for the proxy's address. */
  says: string;
  /** What ends each attempt: the fault itself, or one of the tier's limits. */
  ends: 'at once' | 'connect_timeout_ms' | 'the limit for the first content';
  /** Absent: nothing listens there. */
  play?: (head: string) => string | undefined;
};

/** Of a connection, the proxy included; of the first content of a stream; of a whole answer. Milliseconds. */
const connectMs = 300;
const firstEventMs = 400;
const totalMs = 700;

const status =
  (line: string, headers = '') =>
  () =>
    `HTTP/1.1 ${line}\r\n${headers}\r\n`;

export const proxyFaults: readonly ProxyFault[] = [
  { name: 'a proxy that is not there', scheme: 'https', kind: 'connection', ends: 'at once', says: 'The proxy PROXY refused the connection.' },
  { name: 'a proxy that is silent after CONNECT', scheme: 'https', kind: 'connection', ends: 'connect_timeout_ms', says: 'The proxy PROXY did not open a connection to provider.test within 0.3 s.', play: () => undefined },
  { name: 'a proxy that wants a password (407)', scheme: 'https', kind: 'connection', ends: 'at once', says: 'wants a user name and a password (HTTP 407)', play: status('407 Who', 'Proxy-Authenticate: Basic realm="x"\r\n') },
  { name: 'a proxy that forbids the host (403)', scheme: 'https', kind: 'connection', ends: 'at once', says: 'does not allow connections to provider.test:443 (HTTP 403)', play: status('403 No') },
  { name: 'a proxy that does not reach the host (502)', scheme: 'https', kind: 'connection', ends: 'at once', says: 'could not reach provider.test:443 (HTTP 502)', play: status('502 Bad') },
  { name: 'a proxy that speaks no HTTP', scheme: 'https', kind: 'connection', ends: 'at once', says: 'The proxy PROXY', play: () => 'SSH-2.0-OpenSSH\r\n' },
  { name: 'a tunnel in which the TLS handshake hangs', scheme: 'https', kind: 'connection', ends: 'connect_timeout_ms', says: 'did not complete the TLS handshake within 0.3 s', play: (head) => (head.startsWith('CONNECT') ? 'HTTP/1.1 200 OK\r\n\r\n' : undefined) },
  { name: 'a proxy without a tunnel that wants a password (407)', scheme: 'http', kind: 'connection', ends: 'at once', says: 'wants a user name and a password (HTTP 407)', play: status('407 Who', 'Proxy-Authenticate: Basic realm="x"\r\ncontent-length: 0\r\n') },
  { name: 'a proxy without a tunnel that is silent', scheme: 'http', kind: 'timeout', ends: 'the limit for the first content', says: 'within 0.', play: () => undefined },
]; // prettier-ignore

export type ProxyCell = { fault: ProxyFault; client: DialectId; stream: boolean; tiers: number };

let cells = 0;

/** Sends one request through a proxy that has the fault, and returns what is wrong with the outcome. */
export async function runProxyCell({ fault, client, stream, tiers }: ProxyCell, provider: PeerServer): Promise<string[]> {
  const name = `proxied${++cells}`;
  provider.serve(name, (peer) => answer(peer, wires[client], stream));
  const proxy = await openProxy(fault);
  const url = `http://127.0.0.1:${proxy.port}`;
  const upstream = createUpstream({ environment: {}, idleTimeoutMs: 1000, maxIdlePerHost: 4, proxyUrl: url });
  const { protocol } = wires[client];
  const limits = { max_retries: 1, base_backoff_ms: 1, connect_timeout_ms: connectMs, stream_first_event_timeout_ms: firstEventMs };
  const gateway = openTableGateway(
    {
      Providers: [
        { name: 'one', protocol, api_base_url: `${fault.scheme}://provider.test/v1`, api_key: 'k', models: ['m'] },
        { name: 'two', protocol, api_base_url: `${provider.url}/${name}/v1`, api_key: 'k', models: ['m'] },
      ],
      Router: { default: 'one,m', ...(tiers === 2 && { think: 'two,m' }), tierRetries: { one: limits } },
      API_TIMEOUT_MS: totalMs,
    },
    upstream,
    createFastClock(1),
  );
  const startedAt = performance.now();
  const { status: got, text, ended } = await gateway.ask(client, stream);
  const tookMs = performance.now() - startedAt;
  const asked = `${proxy.asked()},${provider.asked(name)}`;
  const expectedAsked = `${fault.play ? 2 : 0},${tiers === 2 ? 1 : 0}`;
  const wrong: string[] = [];
  if (!ended) wrong.push('the reply has no end');
  if (asked !== expectedAsked) wrong.push(`asked ${asked}, not ${expectedAsked}`);
  const [leastMs, mostMs] = durationOf(fault, stream);
  if (tookMs < leastMs || tookMs > mostMs) wrong.push(`took ${Math.round(tookMs)} ms, not ${leastMs} to ${mostMs}`);
  if (tiers === 2 && !(got === 200 && readsHello(text))) wrong.push(`no answer: ${got} ${text.slice(-300)}`);
  if (tiers === 1) {
    const rule = ruleOf(fault.kind);
    const expected = client === 'openai-responses' && stream ? 200 : client === 'anthropic-messages' ? rule.claudeCode : rule.status;
    if (got !== expected) wrong.push(`status ${got}, not ${expected}`);
    if (!text.includes(fault.says.replace('PROXY', url))) wrong.push(`the words are lost: ${text.slice(-400)}`);
  }
  await upstream.destroy();
  if (!(await proxy.isClosed())) wrong.push('a connection to the proxy stays open');
  await proxy.close();
  return wrong.map((each) => `${fault.name} [${client}, ${stream ? 'streamed' : 'whole'}, ${tiers} tiers]: ${each}`);
} // prettier-ignore

/** Of two attempts and a backoff of a millisecond. Milliseconds. */
function durationOf({ ends }: ProxyFault, stream: boolean): [least: number, most: number] {
  if (ends === 'at once') return [0, connectMs];
  const limitMs = ends === 'connect_timeout_ms' ? connectMs : stream ? firstEventMs : totalMs;
  return [2 * limitMs - 20, 2 * limitMs + 500];
}

type FaultyProxy = { port: number; asked(): number; isClosed(): Promise<boolean>; close(): Promise<void> };

/** `asked` counts the connections. */
async function openProxy({ play }: ProxyFault): Promise<FaultyProxy> {
  const asked = new Set<unknown>();
  const server: TestServer = await openTcpServer((bytes, socket) => {
    asked.add(socket);
    const said = play?.(bytes.toString('latin1'));
    if (said !== undefined) socket.write(said);
  });
  if (!play) await server.close();
  return {
    port: server.port,
    asked: () => asked.size,
    async isClosed() {
      for (let wait = 0; wait < 100 && server.sockets.size > 0; wait++) await new Promise((done) => setTimeout(done, 20));
      return server.sockets.size === 0;
    },
    close: () => (play ? server.close() : Promise.resolve()),
  };
} // prettier-ignore
