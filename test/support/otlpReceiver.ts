import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gunzipSync } from 'node:zlib';
import { decodeMessage } from './protobuf.ts';

export type ReceivedSpan = {
  traceId: string;
  spanId: string;
  parentSpanId?: string;
  name: string;
  kind: number;
  startTimeUnixNano: string;
  endTimeUnixNano: string;
  attributes: Values;
  status: { code?: number; message?: string };
};

/** `value`: of a counter, or the sum of a histogram with its `count`. */
export type ReceivedPoint = { attributes: Values; value: number; count?: number };
export type ReceivedMetric = { name: string; unit: string; points: ReceivedPoint[] };
type Values = Record<string, string | number | boolean | readonly unknown[]>;

export type OtlpReceiver = {
  url: string;
  spans: ReceivedSpan[];
  /** The latest points of each metric by its name: the exporter sends cumulative ones. */
  metrics: Map<string, ReceivedMetric>;
  requests: { path: string; headers: IncomingHttpHeaders; text: string }[];
  resources: Values[];
  /** What was wrong with requests. */
  problems: string[];
  /** The status of the next answers. */
  answerWith(status: number): void;
  close(): Promise<void>;
};

/** A collector that decodes what it gets strictly, and refuses what the protocol does not have. */
export async function startOtlpReceiver(): Promise<OtlpReceiver> {
  let status = 200;
  const server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', () => {
      const { url: path = '', headers } = request;
      const sent = Buffer.concat(parts);
      const body = headers['content-encoding'] === 'gzip' ? gunzipSync(sent) : sent;
      receiver.requests.push({ path, headers, text: body.toString('latin1') });
      if (status !== 200) return void response.writeHead(status).end('Not now.');
      try {
        receive(path, headers['content-type'] ?? '', body);
        response.writeHead(200, { 'content-type': headers['content-type'] ?? '' }).end();
      } catch (thrown) {
        receiver.problems.push(String(thrown));
        response.writeHead(400).end();
      }
    });
  });

  function receive(path: string, type: string, body: Buffer): void {
    const isTraces = path.endsWith('/v1/traces');
    if (!isTraces && !path.endsWith('/v1/metrics')) throw new Error(`Unknown path ${path}`);
    if (type !== 'application/json' && type !== 'application/x-protobuf') throw new Error(`Unknown type ${type}`);
    const message =
      type === 'application/json'
        ? (JSON.parse(body.toString()) as Record<string, unknown>)
        : decodeMessage(isTraces ? 'TraceRequest' : 'MetricsRequest', body);
    for (const each of listOf(message, isTraces ? 'resourceSpans' : 'resourceMetrics')) {
      receiver.resources.push(valuesOf(objectOf(each, 'resource')));
      for (const scope of listOf(each, isTraces ? 'scopeSpans' : 'scopeMetrics'))
        if (isTraces) receiver.spans.push(...listOf(scope, 'spans').map(readSpan));
        else for (const metric of listOf(scope, 'metrics')) keep(readMetric(metric));
    }
  }

  function keep(metric: ReceivedMetric): void {
    receiver.metrics.set(metric.name, metric);
  }

  const receiver: OtlpReceiver = {
    url: '',
    spans: [],
    metrics: new Map(),
    requests: [],
    resources: [],
    problems: [],
    answerWith: (next) => void (status = next),
    close() {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  receiver.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return receiver;
}

function readSpan(span: Message): ReceivedSpan {
  const { traceId, spanId, parentSpanId, name, kind, startTimeUnixNano: start, endTimeUnixNano: end } = span;
  if (!/^(?!0+$)[0-9a-f]{32}$/.test(String(traceId))) throw new Error(`Not an id of a trace: ${String(traceId)}`);
  for (const id of [spanId, parentSpanId])
    if (id !== undefined && !/^(?!0+$)[0-9a-f]{16}$/.test(String(id))) throw new Error(`Not an id: ${String(id)}`);
  if (BigInt(String(end)) < BigInt(String(start))) throw new Error('A span ends before it starts.');
  if (typeof name !== 'string' || name === '') throw new Error('A span without a name.');
  if (typeof kind !== 'number' || kind < 1 || kind > 5) throw new Error('A span of no kind.');
  return { ...span, attributes: valuesOf(span), status: objectOf(span, 'status') } as ReceivedSpan;
}

function readMetric(metric: Message): ReceivedMetric {
  const { name, unit } = metric;
  if (metric['histogram']) {
    const points = listOf(objectOf(metric, 'histogram'), 'dataPoints').map((point) => {
      const counts = (point['bucketCounts'] as (string | number)[]).map(Number);
      const bounds = point['explicitBounds'] as number[];
      if (counts.length !== bounds.length + 1) throw new Error('A histogram with a wrong number of buckets.');
      if (counts.reduce((sum, each) => sum + each, 0) !== Number(point['count'])) throw new Error('A wrong count.');
      return { attributes: valuesOf(point), value: Number(point['sum']), count: Number(point['count']) };
    });
    return { name: String(name), unit: String(unit), points };
  }
  const sum = objectOf(metric, 'sum');
  if (sum['isMonotonic'] !== true || sum['aggregationTemporality'] !== 2) throw new Error('Not a cumulative counter.');
  const points = listOf(sum, 'dataPoints').map((point) => ({
    attributes: valuesOf(point),
    value: Number(point['asInt'] ?? point['asDouble']),
  }));
  return { name: String(name), unit: String(unit), points };
}

type Message = Record<string, unknown>;

function objectOf(message: Message, key: string): Message {
  const value = message[key];
  if (typeof value !== 'object' || value === null) throw new Error(`No ${key}.`);
  return value as Message;
}

function listOf(message: Message, key: string): Message[] {
  const value = message[key] ?? [];
  if (!Array.isArray(value)) throw new Error(`${key} is no list.`);
  return value as Message[];
}

function valuesOf(message: Message): Values {
  const pairs = listOf(message, 'attributes').map((pair): [string, Values[string]] => [
    String(pair['key']),
    readValue(objectOf(pair, 'value')),
  ]);
  if (new Set(pairs.map(([key]) => key)).size < pairs.length) throw new Error('An attribute is there twice.');
  return Object.fromEntries(pairs);
}

function readValue(value: Message): Values[string] {
  const [[type, content] = ['', undefined], ...more] = Object.entries(value);
  if (more.length > 0) throw new Error('A value of two types.');
  if (type === 'intValue') return Number(content);
  if (type === 'arrayValue') return listOf(content as Message, 'values').map(readValue);
  if (type === 'stringValue' || type === 'boolValue' || type === 'doubleValue') return content as Values[string];
  throw new Error(`A value of the type ${type}.`);
}
