import type { Disposable, SecretStorage } from 'vscode';

const keyPrefix = 'ccr.provider.';
const tokenKey = 'ccr.clientToken';

/** Providers' API keys in VS Code's SecretStorage, by provider name. */
export type ProviderSecrets = {
  all(): Promise<Record<string, string>>;
  names(): Promise<string[]>;
  /** Resolves when the listeners have the key too, so that a request after it uses it. */
  store(provider: string, key: string): Promise<void>;
  forget(provider: string): Promise<void>;
  /** Also reports changes made in other windows of this machine. null: removed. The listener must not reject. */
  onChange(listener: KeyListener): Disposable;
  /** The token that clients must send when ccr.requireToken is on and the config has none. Created once, then kept. */
  clientToken(create: () => string): Promise<string>;
};

type KeyListener = (provider: string, key: string | null) => void | Promise<void>;

export function createProviderSecrets(storage: SecretStorage): ProviderSecrets {
  const listeners = new Set<KeyListener>();
  /** What the listeners were told last: VS Code reports this window's own changes too, some time later. */
  const told = new Map<string, string | null>();

  /** One change after another, so that the last one counts. */
  let telling = Promise.resolve();

  function tell(provider: string, key: string | null): Promise<void> {
    telling = telling.then(async () => {
      for (const listener of listeners) await listener(provider, key);
    });
    return telling;
  }

  async function names(): Promise<string[]> {
    const keys = await storage.keys();
    return keys.filter((key) => key.startsWith(keyPrefix)).map((key) => key.slice(keyPrefix.length));
  }

  return {
    names,
    async all() {
      const found: Record<string, string> = {};
      for (const name of await names()) {
        const key = await storage.get(keyPrefix + name);
        if (key !== undefined && key !== '') found[name] = key;
      }
      return found;
    },
    async store(provider, key) {
      told.set(provider, key);
      await storage.store(keyPrefix + provider, key);
      await tell(provider, key);
    },
    async forget(provider) {
      told.set(provider, null);
      await storage.delete(keyPrefix + provider);
      await tell(provider, null);
    },
    onChange(listener) {
      listeners.add(listener);
      const watching = storage.onDidChange(async ({ key }) => {
        if (!key.startsWith(keyPrefix)) return;
        const [provider, stored] = [key.slice(keyPrefix.length), (await storage.get(key)) ?? null];
        if (told.get(provider) === stored) return;
        told.set(provider, stored);
        await tell(provider, stored);
      });
      return {
        dispose() {
          listeners.delete(listener);
          watching.dispose();
        },
      };
    },
    async clientToken(create) {
      const stored = await storage.get(tokenKey);
      if (stored !== undefined && stored !== '') return stored;
      const token = create();
      await storage.store(tokenKey, token);
      return token;
    },
  };
}
