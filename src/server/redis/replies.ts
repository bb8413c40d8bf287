import * as z from 'zod';

/** The pairs of a reply such as that of HGETALL. */
export function pairsOf(reply: unknown): [string, string][] {
  if (!Array.isArray(reply)) return Object.entries((reply ?? {}) as Record<string, string>);
  const flat = reply as string[];
  return Array.from({ length: flat.length / 2 }, (_, index) => [flat[2 * index] ?? '', flat[2 * index + 1] ?? '']);
}

/** The value may come from another program. Undefined if it is not JSON. */
export function parsed(text: unknown): unknown {
  try {
    return JSON.parse(String(text)) as unknown;
  } catch {
    return undefined;
  }
}

/** A hash whose fields are labels as JSON. */
export function labelled(reply: unknown): [labels: Record<string, string>, value: number][] {
  return pairsOf(reply).flatMap(([field, value]) => {
    const { data } = z.record(z.string(), z.string()).safeParse(parsed(field));
    return data && Number.isFinite(Number(value)) ? [[data, Number(value)]] : [];
  });
}
