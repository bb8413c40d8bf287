import type { Disposable, SecretStorage } from 'vscode';

const keyPrefix = 'ccr.provider.';
const tokenKey = 'ccr.clientToken';

/** Providers' API keys in VS Code's SecretStorage, by provider name. */
export type ProviderSecrets = {
  all(): Promise<Record<string, string>>;
  names(): Promise<string[]>;
  store(provider: string, key: string): Promise<void>;
  forget(provider: string): Promise<void>;
  /** Also reports changes made in other windows of this machine. null: removed. */
  onChange(listener: (provider: string, key: string | null) => void): Disposable;
  /** The token that clients must send when ccr.requireToken is on and the config has none. Created once, then kept. */
  clientToken(create: () => string): Promise<string>;
};

export function createProviderSecrets(storage: SecretStorage): ProviderSecrets {
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
    store: async (provider, key) => void (await storage.store(keyPrefix + provider, key)),
    forget: async (provider) => void (await storage.delete(keyPrefix + provider)),
    onChange: (listener) =>
      storage.onDidChange(async ({ key }) => {
        if (key.startsWith(keyPrefix)) listener(key.slice(keyPrefix.length), (await storage.get(key)) ?? null);
      }),
    async clientToken(create) {
      const stored = await storage.get(tokenKey);
      if (stored !== undefined && stored !== '') return stored;
      const token = create();
      await storage.store(tokenKey, token);
      return token;
    },
  };
}
