import type { DialectId } from '../../src/canonical/request.ts';
import type { RequestRecord } from '../../src/gateway/record.ts';
import { decodeBody } from '../../src/gateway/decodeBody.ts';
import type { UpstreamCall, UpstreamReply } from '../../src/gateway/upstream.ts';
import type { MatrixClient, Answer } from '../unit/matrix/answer.ts';
import { askTool, callsIn, weather, type AskedTool } from './callWires.ts';
import { createGatewayBench, type Received } from './gatewayBench.ts';
import { protocolNames, relaysFrames, type ProviderProfile } from './providerProfiles.ts';

/** What a client understood. `finish` is how its dialect names the end; undefined after an error. */
export type Understood = {
  status: number;
  text: string;
  calls: [name: string, input: string][];
  error: string | undefined;
  /** The warnings of the request. */
  warnings: readonly string[];
  record: RequestRecord;
  received: Received;
  asked: number;
};

export type Asking = {
  profile: ProviderProfile;
  client: MatrixClient;
  stream: boolean;
  /** Called once for each attempt. */
  reply: (call: UpstreamCall, wait: (ms: number) => Promise<void>) => UpstreamReply;
  tool?: AskedTool;
  /** Further fields of the provider's entry in the config, further providers and routes. */
  more?: { provider?: object; providers?: object[]; router?: object };
};

/** How often a request's clock is advanced before it counts as one that never ends. */
const mostTurns = 300;

/** Sends a request with a tool to a gateway whose provider is `profile`, on a clock of its own, and waits for the end. */
export async function askProfile(asking: Asking): Promise<Understood> {
  const { profile, client, stream, reply, tool = weather, more = {} } = asking;
  const { name, wire, baseUrl, model } = profile;
  const provider = { name, api_base_url: baseUrl, protocol: protocolNames[wire], api_key: 'some-key', models: [model] };
  const config = {
    Providers: [{ ...provider, ...more.provider }, ...(more.providers ?? [])],
    Router: { default: `${name},${model}`, tierRetries: { 'tier-0': { max_retries: 0 } }, ...more.router },
  };
  let isCompressed = false;
  const bench = createGatewayBench(config, (call) => {
    const wait = (ms: number): Promise<void> => new Promise((resolve) => bench.clock.after(ms, resolve));
    const given = reply(call, wait);
    isCompressed = 'content-encoding' in given.headers;
    return Promise.resolve({ ...given, body: decodeBody(given) });
  });
  const body = { ...askTool(client.dialect, stream, tool), model: 'asked-model' };
  const { done, received } = bench.ask({ dialect: client.dialect, body });
  // The threads of node:zlib run beside the clock of the test, which need not advance for a body that ends.
  for (let turn = 0; !received.ended && turn < (isCompressed ? 1_000_000 : mostTurns); turn++) {
    await new Promise(setImmediate);
    if (!isCompressed && !received.ended) await bench.clock.next();
  }
  const place = `${name} (${wire}) for ${client.dialect}, ${stream ? 'streamed' : 'whole'}`;
  if (!received.ended) throw new Error(`${place}: the answer does not end`);
  await done;
  const [record] = bench.records;
  if (!record) throw new Error(`${place}: no record`);
  if (record.error?.kind === 'internal') throw record.error;
  try {
    const { warnings } = record;
    return { ...understand(asking, received), warnings, record, received, asked: bench.calls.length };
  } catch (thrown) {
    throw new Error(`${place}: ${String(thrown)}\n${received.text}`, { cause: thrown });
  }
}

/** As a strict client reads it. What is passed on as a provider wrote it is read by its meaning alone. */
function understand({ profile, client, stream }: Asking, { status, text }: Received) {
  if (status !== 200) return { status, text: '', calls: [], error: client.readError(text) };
  const isOwn = client.dialect === profile.wire && (stream ? relaysFrames(profile) : true);
  const answer = isOwn ? readLoosely(client.dialect, text) : readStrictly(client, stream, text);
  return { status, ...answer };
}

function readStrictly(client: MatrixClient, stream: boolean, text: string) {
  const { calls, error, ...answer }: Answer = stream ? client.readStream(text) : client.readWhole(text);
  return { text: answer.text, calls: calls.map(({ name, input }): [string, string] => [name, input]), error };
}

// oxlint-disable-next-line typescript/no-explicit-any -- the replies of three wires, read by their paths
type Json = Record<string, any>;

function readLoosely(client: DialectId, text: string) {
  const whole = text.startsWith('{') ? (JSON.parse(text) as Json) : undefined;
  const events = whole ? [whole] : [...text.matchAll(/^data: (\{.*)$/gm)].map(([, data]) => JSON.parse(data ?? '') as Json); // prettier-ignore
  const failure = events.find((each) => each['error'] ?? each['response']?.error ?? each['type'] === 'error');
  const error = failure && String((failure['error'] ?? failure['response']?.error ?? failure)['message']);
  return { text: events.map((each) => textOf(each)).join(''), calls: callsIn(client, text), error };
}

function textOf(json: Json): string {
  const choice = json['choices']?.[0];
  const said: unknown = choice?.delta?.content ?? choice?.message?.content;
  if (typeof said === 'string') return said;
  if (json['type'] === 'response.output_text.delta') return String(json['delta']);
  if (json['type'] === 'content_block_delta') return String(json['delta'].text ?? '');
  const items = ((json['output'] ?? []) as Json[]).filter(({ type }) => type === 'message');
  const parts = [...items.flatMap((item) => (item['content'] ?? []) as Json[]), ...((json['content'] ?? []) as Json[])];
  return parts.map((part) => String(part['text'] ?? '')).join('');
}
