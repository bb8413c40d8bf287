import { readFileSync } from 'node:fs';

/** How one signal is sent. Times in ms. */
export type SignalSettings = {
  url: string;
  protocol: 'http/protobuf' | 'http/json';
  /** Their values are secrets. */
  headers: Record<string, string>;
  timeoutMs: number;
  compression: 'gzip' | 'none';
  /** PEM: the authority of the server's certificate, and the client's own certificate. */
  tls: { ca?: Buffer; cert?: Buffer; key?: Buffer };
};

export type OtlpSettings = {
  traces: SignalSettings | undefined;
  metrics: SignalSettings | undefined;
  resource: Record<string, string>;
  sampler: { name: string; argument: number };
  batch: { delayMs: number; maxQueue: number; maxBatch: number };
  metricIntervalMs: number;
  temporality: 'cumulative' | 'delta' | 'lowmemory';
  /** Send what is said, too. */
  content: boolean;
};

type Environment = Record<string, string | undefined>;

/** Sentences for the log, without values: those may be secrets. */
type Note = (problem: string) => void;

const samplers = [
  'always_on',
  'always_off',
  'traceidratio',
  'parentbased_always_on',
  'parentbased_always_off',
  'parentbased_traceidratio',
];

/**
 * What the standard variables of OpenTelemetry ask for; undefined if they name no endpoint, which leaves it off.
 * https://opentelemetry.io/docs/specs/otel/protocol/exporter
 */
export function readOtlpSettings(environment: Environment, version: string, note: Note): OtlpSettings | undefined {
  const get = (name: string): string | undefined => environment[name]?.trim() || undefined;
  if (get('OTEL_SDK_DISABLED')?.toLowerCase() === 'true') return undefined;
  const traces = readSignal('TRACES', get, note);
  const metrics = readSignal('METRICS', get, note);
  if (!traces && !metrics) return undefined;
  const number = (name: string, fallback: number): number => readNumber(name, get(name), fallback, note);
  const sampler = oneOf('OTEL_TRACES_SAMPLER', get, samplers, 'parentbased_always_on', note);
  const temporality = 'OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE';
  const maxQueue = number('OTEL_BSP_MAX_QUEUE_SIZE', 2048);
  return {
    traces,
    metrics,
    resource: readResource(get, version),
    sampler: { name: sampler, argument: number('OTEL_TRACES_SAMPLER_ARG', 1) },
    batch: {
      delayMs: number('OTEL_BSP_SCHEDULE_DELAY', 5000),
      maxQueue,
      maxBatch: Math.min(maxQueue, number('OTEL_BSP_MAX_EXPORT_BATCH_SIZE', 512)),
    },
    metricIntervalMs: number('OTEL_METRIC_EXPORT_INTERVAL', 60_000),
    temporality: oneOf(temporality, get, ['cumulative', 'delta', 'lowmemory'], 'cumulative', note),
    content: readContent(get, note),
  };
}

/** The names of the modes are those of OpenTelemetry's own instrumentations; older ones read `true`. */
function readContent(get: Get, note: Note): boolean {
  const name = 'OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT';
  const modes = ['no_content', 'false', 'span_only', 'span_and_event', 'true', 'event_only'] as const;
  const mode = oneOf(name, get, modes, 'no_content', note);
  if (mode.includes('event')) note(`${name}: events are not sent; use "span_only".`);
  return mode === 'span_only' || mode === 'span_and_event' || mode === 'true';
}

type Get = (name: string) => string | undefined;

function readSignal(signal: 'TRACES' | 'METRICS', get: Get, note: Note): SignalSettings | undefined {
  const exporter = get(`OTEL_${signal}_EXPORTER`) ?? 'otlp';
  if (exporter !== 'otlp') {
    if (exporter !== 'none') note(`OTEL_${signal}_EXPORTER: only "otlp" and "none" are supported.`);
    return undefined;
  }
  const name = (option: string): string => `OTEL_EXPORTER_OTLP_${signal}_${option}`;
  const of = (option: string): string | undefined => get(name(option)) ?? get(`OTEL_EXPORTER_OTLP_${option}`);
  const own = get(name('ENDPOINT'));
  const endpoint = own ?? get('OTEL_EXPORTER_OTLP_ENDPOINT');
  if (endpoint === undefined) return undefined;
  const url = signalUrl(endpoint, own === undefined ? `v1/${signal.toLowerCase()}` : '');
  if (url === undefined) {
    note(`OTEL_EXPORTER_OTLP_ENDPOINT: no http or https URL, so ${signal.toLowerCase()} are not sent.`);
    return undefined;
  }
  const protocol = of('PROTOCOL') ?? 'http/protobuf';
  if (protocol !== 'http/protobuf' && protocol !== 'http/json') {
    note(`OTEL_EXPORTER_OTLP_PROTOCOL: use "http/protobuf" or "http/json"; ${signal.toLowerCase()} are not sent.`);
    return undefined;
  }
  return {
    url,
    protocol,
    headers: { ...readPairs(get('OTEL_EXPORTER_OTLP_HEADERS')), ...readPairs(get(name('HEADERS'))) },
    timeoutMs: readNumber('OTEL_EXPORTER_OTLP_TIMEOUT', of('TIMEOUT'), 10_000, note),
    compression: of('COMPRESSION') === 'gzip' ? 'gzip' : 'none',
    tls: {
      ...readFile('ca', 'CERTIFICATE', of, note),
      ...readFile('cert', 'CLIENT_CERTIFICATE', of, note),
      ...readFile('key', 'CLIENT_KEY', of, note),
    },
  };
}

/** A user and password in the URL would be sent as they are by no exporter; they are a mistake that is not repeated in a log. */
function signalUrl(endpoint: string, path: string): string | undefined {
  const url = URL.parse(endpoint);
  if (!url || (url.protocol !== 'http:' && url.protocol !== 'https:')) return undefined;
  if (path !== '') url.pathname = `${url.pathname.replace(/\/+$/, '')}/${path}`;
  return url.href;
}

function readFile(key: 'ca' | 'cert' | 'key', option: string, of: Get, note: Note): SignalSettings['tls'] {
  const file = of(option);
  if (file === undefined) return {};
  try {
    return { [key]: readFileSync(file) };
  } catch {
    note(`OTEL_EXPORTER_OTLP_${option}: the file can't be read.`);
    return {};
  }
}

/** `service.name` is OTEL_SERVICE_NAME, else what OTEL_RESOURCE_ATTRIBUTES says, else `ccr`. */
function readResource(get: Get, version: string): Record<string, string> {
  const given = readPairs(get('OTEL_RESOURCE_ATTRIBUTES'));
  const name = get('OTEL_SERVICE_NAME');
  return { 'service.name': 'ccr', 'service.version': version, ...given, ...(name && { 'service.name': name }) };
}

/** `a=1,b=2`, percent-encoded as in the W3C's baggage. */
function readPairs(text: string | undefined): Record<string, string> {
  const pairs = (text ?? '').split(',').map((pair): [string, string] => {
    const at = pair.indexOf('=');
    return [decode(pair.slice(0, Math.max(0, at))), decode(pair.slice(at + 1))];
  });
  return Object.fromEntries(pairs.filter(([name]) => name !== ''));
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text.trim());
  } catch {
    return text.trim();
  }
}

function readNumber(name: string, text: string | undefined, fallback: number, note: Note): number {
  const value = text === undefined ? fallback : Number(text);
  if (Number.isFinite(value) && value >= 0 && value <= 2 ** 31 - 1) return value;
  note(`${name}: not a number that can be used, so ${fallback} is.`);
  return fallback;
}

function oneOf<Value extends string>(
  name: string,
  get: Get,
  values: readonly Value[],
  fallback: Value,
  note: Note,
): Value {
  const text = get(name)?.toLowerCase();
  const found = values.find((value) => value === text);
  if (text !== undefined && found === undefined)
    note(`${name}: must be one of ${values.join(', ')}; "${fallback}" is used.`);
  return found ?? fallback;
}
