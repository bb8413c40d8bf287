import { createCipheriv, createDecipheriv, createSecretKey, type KeyObject } from 'node:crypto';

/** What an envelope holds. An envelope of one kind can't be opened as the other. */
export type SealedKind = 'reasoning' | 'summary' | 'response';

/** Opens what a sealer with the same key has sealed. */
export type Opener = {
  /** Undefined if the envelope was damaged, or sealed with another key or as another kind. */
  open(kind: SealedKind, envelope: string): string | undefined;
};

/** Encrypts text into envelopes that clients store for CCR. Without the key they can't be read, or changed undetected. */
export type Sealer = Opener & { seal(kind: SealedKind, text: string): string };

/** Key size. Bytes. */
export const sealKeyBytes = 32;

/** Starts every envelope of this version. No provider's opaque text starts like this, since those are base64. */
const prefix = 'ccr1:';
const anyPrefix = /^ccr\d+:/;

const cipher = 'aes-256-gcm';
/** 96 random bits for each envelope (NIST SP 800-38D, 8.2.2): enough for 2^32 envelopes under one key. */
const nonceBytes = 12;
const tagBytes = 16;

/**
 * A sealer for `key`, of `sealKeyBytes`. An envelope is the prefix, followed by the nonce, the encrypted text and the tag as
 * base64url, since some clients and servers expect base64. What was sealed with one of `olderKeys` is opened too.
 */
export function createSealer(
  key: Uint8Array,
  randomBytes: (size: number) => Uint8Array,
  olderKeys: readonly Uint8Array[] = [],
): Sealer {
  const secret = createSecretKey(key);
  const secrets = [key, ...olderKeys].map((each) => createSecretKey(each));
  const bound = (kind: SealedKind): Buffer => Buffer.from(prefix + kind);
  return {
    seal(kind, text) {
      const nonce = randomBytes(nonceBytes);
      const encryption = createCipheriv(cipher, secret, nonce, { authTagLength: tagBytes }).setAAD(bound(kind));
      const sealed = [nonce, encryption.update(text, 'utf8'), encryption.final(), encryption.getAuthTag()];
      return prefix + Buffer.concat(sealed).toString('base64url');
    },
    open(kind, envelope) {
      if (!envelope.startsWith(prefix)) return undefined;
      const bytes = Buffer.from(envelope.slice(prefix.length), 'base64url');
      if (bytes.length < nonceBytes + tagBytes) return undefined;
      for (const each of secrets) {
        const text = decrypt(each, bytes, bound(kind));
        if (text !== undefined) return text;
      }
      return undefined;
    },
  };
}

function decrypt(secret: KeyObject, bytes: Buffer, bound: Buffer): string | undefined {
  const decryption = createDecipheriv(cipher, secret, bytes.subarray(0, nonceBytes), { authTagLength: tagBytes })
    .setAAD(bound)
    .setAuthTag(bytes.subarray(-tagBytes));
  const text = decryption.update(bytes.subarray(nonceBytes, -tagBytes));
  try {
    return Buffer.concat([text, decryption.final()]).toString();
  } catch {
    return undefined;
  }
}

/** Whether a client's opaque text is a CCR envelope, of any version. No provider can open those. */
export function isSealed(text: unknown): text is string {
  return typeof text === 'string' && anyPrefix.test(text);
}
