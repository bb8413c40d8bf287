import { expect, it } from 'vitest';
import type { SecretStorage, SecretStorageChangeEvent } from 'vscode';
import { createProviderSecrets } from '../../../src/vscode/secrets.ts';

function createStorage(stored = new Map<string, string>()) {
  const listeners: ((event: SecretStorageChangeEvent) => unknown)[] = [];
  const tell = (key: string): void => listeners.forEach((listener) => listener({ key }));
  const storage: SecretStorage = {
    keys: async () => [...stored.keys()],
    get: async (key) => stored.get(key),
    async store(key, value) {
      stored.set(key, value);
      tell(key);
    },
    async delete(key) {
      stored.delete(key);
      tell(key);
    },
    onDidChange: (listener) => {
      listeners.push(listener);
      return { dispose() {} };
    },
  };
  return { storage, stored };
}

it('keeps a key under its provider’s name', async () => {
  const { storage, stored } = createStorage();
  const secrets = createProviderSecrets(storage);
  await secrets.store('my provider', 'k1');
  expect([...stored]).toEqual([['ccr.provider.my provider', 'k1']]);
  expect(await secrets.all()).toEqual({ 'my provider': 'k1' });
  await secrets.forget('my provider');
  expect(await secrets.names()).toEqual([]);
});

it('reports changes of keys only, removed ones included', async () => {
  const { storage } = createStorage();
  const secrets = createProviderSecrets(storage);
  const changes: [string, string | null][] = [];
  secrets.onChange(async (...change) => void changes.push(change));
  await secrets.store('a', 'k1');
  await secrets.clientToken(() => 'token');
  await secrets.forget('a');
  await new Promise(setImmediate);
  expect(changes).toEqual([
    ['a', 'k1'],
    ['a', null],
  ]);
});

it('has stored or removed a key only when the gateway knows of it, and passes each change on once', async () => {
  const { storage } = createStorage();
  const secrets = createProviderSecrets(storage);
  const known: (string | null)[] = [];
  secrets.onChange(async (_provider, key) => {
    await new Promise(setImmediate);
    known.push(key);
  });
  await secrets.store('a', 'k1');
  expect(known).toEqual(['k1']);
  await secrets.forget('a');
  expect(known).toEqual(['k1', null]);
  await secrets.store('a', 'k1');
  expect(known).toEqual(['k1', null, 'k1']);
});

it('passes a key on again that is stored again: the gateway may not have accepted it', async () => {
  const { storage } = createStorage();
  const secrets = createProviderSecrets(storage);
  const known: (string | null)[] = [];
  secrets.onChange(async (_provider, key) => void known.push(key));
  await secrets.store('a', 'k1');
  await secrets.store('a', 'k1');
  expect(known).toEqual(['k1', 'k1']);
});

it('reports what another window changed', async () => {
  const { storage } = createStorage();
  const secrets = createProviderSecrets(storage);
  const known: (string | null)[] = [];
  secrets.onChange(async (_provider, key) => void known.push(key));
  await secrets.store('a', 'k1');
  await storage.store('ccr.provider.a', 'k2');
  await storage.store('ccr.provider.a', 'k1');
  await new Promise(setImmediate);
  expect(known).toEqual(['k1', 'k2', 'k1']);
});

it('creates the clients’ token once, and never lists it as a provider’s key', async () => {
  const { storage } = createStorage();
  const secrets = createProviderSecrets(storage);
  expect(await secrets.clientToken(() => 'first')).toBe('first');
  expect(await secrets.clientToken(() => 'second')).toBe('first');
  expect(await secrets.all()).toEqual({});
});
