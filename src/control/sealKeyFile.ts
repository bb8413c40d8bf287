import path from 'node:path';
import { messageOf } from '../canonical/errors.ts';
import { codeOf } from '../config/files.ts';
import { readSecretFile } from '../config/secretFile.ts';
import { sealKeyBytes } from '../reasoning/sealer.ts';
import { makePrivateFolder, writeFileAtomically } from './privateFiles.ts';
import { runFolder } from './runFiles.ts';

/** `problem`: why the key is only valid for this run, for the log. It never contains the key. */
export type SealKey = {
  key: Uint8Array;
  /** Their envelopes are opened, but no new ones made with them. */
  olderKeys?: Uint8Array[];
  problem?: string;
};

const encodedKey = /^[\w-]{43}$/;

/** In the private folder of the run files. Deleting it makes the reasoning that clients store for us unreadable. */
export function sealKeyPath(homeDirectory: string): string {
  return path.join(runFolder(homeDirectory), 'seal.key');
}

/**
 * The key with which every gateway of this user seals what clients store for it. The first gateway creates it. A file that
 * can't be read or does not hold a key is not replaced, since it may belong to something else: this run then uses a
 * temporary key. `given`: CCR_SEAL_KEY, the keys that several gateways share, instead of a file.
 */
export function loadSealKey(homeDirectory: string, randomBytes: (size: number) => Uint8Array, given?: string): SealKey {
  if (given) return readGiven(given, randomBytes);
  const file = sealKeyPath(homeDirectory);
  try {
    const found = readKey(file) ?? createKey(file, randomBytes);
    if (found.length === sealKeyBytes) return { key: found };
    return {
      key: randomBytes(sealKeyBytes),
      problem: `${file} does not hold a key. ${consequence} Delete it to get a new one.`,
    };
  } catch (thrown) {
    return { key: randomBytes(sealKeyBytes), problem: `${file} can't be used: ${messageOf(thrown)}. ${consequence}` };
  }
}

const consequence = "CCR can't read the reasoning that clients store for it after it restarts.";

/** The first key seals, and all open: so a key is replaced by a new one before it. */
function readGiven(given: string, randomBytes: (size: number) => Uint8Array): SealKey {
  const texts = given.split(/[\s,]+/).filter((text) => text !== '');
  const [key, ...olderKeys] = texts.map(readGivenKey);
  const isValid = [key, ...olderKeys].every((each) => each?.length === sealKeyBytes);
  if (key && isValid) return { key, olderKeys };
  const form = `${sealKeyBytes} bytes as base64 or hex, such as openssl rand -base64 ${sealKeyBytes} prints`;
  return { key: randomBytes(sealKeyBytes), problem: `CCR_SEAL_KEY is not used: a key is ${form}. ${consequence}` };
}

function readGivenKey(text: string): Uint8Array {
  return Buffer.from(text, /^[\da-f]{64}$/i.test(text) ? 'hex' : 'base64url');
}

/** Undefined if there is no file; empty if the file holds something else. */
function readKey(file: string): Uint8Array | undefined {
  let text: string;
  try {
    text = readSecretFile(file, { maxBytes: 4096, noLinks: true }).bytes.toString('utf8').trim();
  } catch (thrown) {
    if (codeOf(thrown) === 'ENOENT') return undefined;
    throw thrown;
  }
  return encodedKey.test(text) ? Buffer.from(text, 'base64url') : new Uint8Array();
}

/** Two gateways may start at once: the first file wins, and the other gateway reads it. */
function createKey(file: string, randomBytes: (size: number) => Uint8Array): Uint8Array {
  const key = randomBytes(sealKeyBytes);
  makePrivateFolder(path.dirname(file));
  try {
    writeFileAtomically(file, `${Buffer.from(key).toString('base64url')}\n`, { mode: 0o600, keepExisting: true });
    return key;
  } catch (thrown) {
    if (codeOf(thrown) !== 'EEXIST') throw thrown;
    return readKey(file) ?? new Uint8Array();
  }
}
