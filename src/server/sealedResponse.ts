import { promisify } from 'node:util';
import { constants, deflate, inflateSync } from 'node:zlib';
import * as z from 'zod';
import { parseJson } from '../canonical/json.ts';
import type { ShelvedResponse } from '../gateway/storedResponses.ts';
import type { Sealer } from '../reasoning/sealer.ts';

/** How long stored responses are kept beyond the process: in files, and on Redis. Milliseconds. */
export const responseKeptMs = 48 * 3_600_000;

/** Of one response, sealed. A longer conversation is kept in memory alone. Characters. */
const maxLength = 4 * 1024 * 1024;

const responseSchema = z.looseObject({ messages: z.array(z.unknown()), reply: z.record(z.string(), z.unknown()) });

const pack = promisify<string, { level: number }, Buffer>(deflate);

/** Packed and sealed; undefined if that is too long. */
export async function sealResponse(response: ShelvedResponse, sealer: Sealer): Promise<string | undefined> {
  const packed = await pack(JSON.stringify(response), { level: constants.Z_BEST_SPEED });
  const sealed = sealer.seal('response', packed.toString('base64'));
  return sealed.length > maxLength ? undefined : sealed;
}

/** Undefined for what another key has sealed, or what is damaged. */
export function openResponse(sealed: string, sealer: Sealer): ShelvedResponse | undefined {
  const text = sealer.open('response', sealed);
  if (text === undefined) return undefined;
  try {
    const json = parseJson(inflateSync(Buffer.from(text, 'base64')).toString());
    return responseSchema.safeParse(json).data as ShelvedResponse | undefined;
  } catch {
    return undefined;
  }
}
