/** A message's fields by number: name and type; a trailing `*` marks a repeated one. */
export type Schema = { [field: number]: readonly [name: string, type: FieldType | `${FieldType}*`] };
type FieldType = 'string' | 'bytes' | 'hex' | 'bool' | 'enum' | 'uint32' | 'int64' | 'fixed64' | 'sfixed64' | 'fixed32' | 'double' | MessageName; // prettier-ignore
type MessageName = keyof typeof messages;

const attributes = ['attributes', 'KeyValue*'] as const;
const dropped = (name: string) => [`dropped${name}Count`, 'uint32'] as const;

/** The messages of OTLP (opentelemetry-proto 1.x), in names and values as its JSON has them. */
const messages = {
  TraceRequest: { 1: ['resourceSpans', 'ResourceSpans*'] },
  ResourceSpans: { 1: ['resource', 'Resource'], 2: ['scopeSpans', 'ScopeSpans*'], 3: ['schemaUrl', 'string'] },
  Resource: { 1: attributes, 2: dropped('Attributes') },
  ScopeSpans: { 1: ['scope', 'Scope'], 2: ['spans', 'Span*'], 3: ['schemaUrl', 'string'] },
  Scope: { 1: ['name', 'string'], 2: ['version', 'string'], 3: attributes, 4: dropped('Attributes') },
  Span: {
    1: ['traceId', 'hex'], 2: ['spanId', 'hex'], 3: ['traceState', 'string'], 4: ['parentSpanId', 'hex'], 5: ['name', 'string'],
    6: ['kind', 'enum'], 7: ['startTimeUnixNano', 'fixed64'], 8: ['endTimeUnixNano', 'fixed64'], 9: attributes,
    10: dropped('Attributes'), 12: dropped('Events'), 14: dropped('Links'), 15: ['status', 'Status'], 16: ['flags', 'fixed32'],
  }, // prettier-ignore
  Status: { 2: ['message', 'string'], 3: ['code', 'enum'] },
  KeyValue: { 1: ['key', 'string'], 2: ['value', 'AnyValue'] },
  AnyValue: {
    1: ['stringValue', 'string'], 2: ['boolValue', 'bool'], 3: ['intValue', 'int64'], 4: ['doubleValue', 'double'],
    5: ['arrayValue', 'ArrayValue'],
  }, // prettier-ignore
  ArrayValue: { 1: ['values', 'AnyValue*'] },
  MetricsRequest: { 1: ['resourceMetrics', 'ResourceMetrics*'] },
  ResourceMetrics: { 1: ['resource', 'Resource'], 2: ['scopeMetrics', 'ScopeMetrics*'], 3: ['schemaUrl', 'string'] },
  ScopeMetrics: { 1: ['scope', 'Scope'], 2: ['metrics', 'Metric*'], 3: ['schemaUrl', 'string'] },
  Metric: {
    1: ['name', 'string'], 2: ['description', 'string'], 3: ['unit', 'string'], 7: ['sum', 'Sum'], 9: ['histogram', 'Histogram'],
  }, // prettier-ignore
  Sum: { 1: ['dataPoints', 'NumberPoint*'], 2: ['aggregationTemporality', 'enum'], 3: ['isMonotonic', 'bool'] },
  Histogram: { 1: ['dataPoints', 'HistogramPoint*'], 2: ['aggregationTemporality', 'enum'] },
  NumberPoint: {
    2: ['startTimeUnixNano', 'fixed64'], 3: ['timeUnixNano', 'fixed64'], 4: ['asDouble', 'double'], 6: ['asInt', 'sfixed64'],
    7: attributes, 8: ['flags', 'uint32'],
  }, // prettier-ignore
  HistogramPoint: {
    2: ['startTimeUnixNano', 'fixed64'], 3: ['timeUnixNano', 'fixed64'], 4: ['count', 'fixed64'], 5: ['sum', 'double'],
    6: ['bucketCounts', 'fixed64*'], 7: ['explicitBounds', 'double*'], 9: attributes, 10: ['flags', 'uint32'],
    11: ['min', 'double'], 12: ['max', 'double'],
  }, // prettier-ignore
} as const satisfies Record<string, { [field: number]: readonly [string, string] }>;

/** Decodes a protobuf message strictly. @throws for a field that the schema does not have, or of another wire type */
export function decodeMessage(name: MessageName, bytes: Buffer): Record<string, unknown> {
  const schema: Schema = messages[name];
  const result: Record<string, unknown> = {};
  let at = 0;

  function varint(): bigint {
    for (let value = 0n, shift = 0n; ; shift += 7n) {
      const byte = bytes[at++];
      if (byte === undefined || shift > 63n) throw new Error(`${name}: a number is cut off.`);
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
  }

  function take(length: number): Buffer {
    if (at + length > bytes.length) throw new Error(`${name}: a field is cut off.`);
    return bytes.subarray(at, (at += length));
  }

  while (at < bytes.length) {
    const tag = Number(varint());
    const [number, wire] = [tag >>> 3, tag & 7];
    const field = schema[number];
    if (!field) throw new Error(`${name} has no field ${number}.`);
    const [key, written] = field;
    const isRepeated = written.endsWith('*');
    const type = written.replace('*', '') as FieldType;
    const add = (value: unknown): void => {
      if (isRepeated) result[key] = [...((result[key] as unknown[] | undefined) ?? []), value];
      else result[key] = value;
    };
    const expected = wireOf(type);
    if (wire === 2 && expected !== 2 && isRepeated) {
      const packed = take(Number(varint()));
      for (let from = 0; from < packed.length; from += 8) add(readFixed(type, packed.subarray(from, from + 8)));
    } else if (wire !== expected) throw new Error(`${name}.${key} has the wire type ${wire}, not ${expected}.`);
    else if (wire === 0) add(readVarint(type, varint()));
    else if (wire === 2) add(readBytes(type, take(Number(varint()))));
    else add(readFixed(type, take(wire === 5 ? 4 : 8)));
  }
  return result;
}

function wireOf(type: FieldType): number {
  if (['bool', 'enum', 'uint32', 'int64'].includes(type)) return 0;
  if (type === 'fixed32') return 5;
  return ['fixed64', 'sfixed64', 'double'].includes(type) ? 1 : 2;
}

function readVarint(type: FieldType, value: bigint): unknown {
  if (type === 'bool') return value === 1n;
  return type === 'int64' ? String(BigInt.asIntN(64, value)) : Number(value);
}

function readFixed(type: FieldType, bytes: Buffer): unknown {
  if (type === 'double') return bytes.readDoubleLE();
  if (type === 'fixed32') return bytes.readUInt32LE();
  return String(type === 'sfixed64' ? bytes.readBigInt64LE() : bytes.readBigUInt64LE());
}

function readBytes(type: FieldType, bytes: Buffer): unknown {
  if (type === 'string') return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  return type === 'hex' ? bytes.toString('hex') : decodeMessage(type as MessageName, bytes);
}
