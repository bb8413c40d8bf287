import { configSchema, type Config } from './schema.ts';

/** The URL of the built-in demo provider, which needs no network and no key. A config file can't use it. */
export const demoUrl = 'demo:';

/** The config if there is no config.json yet. */
export function demoConfig(): Config {
  return configSchema.parse({
    Providers: [{ name: 'demo', api_base_url: demoUrl, models: ['demo'] }],
    Router: { default: 'demo,demo' },
  });
}
