import { configSchema, type Config } from './schema.ts';

/** The URL that marks the built-in provider, which answers without a network or a key. No file can use it. */
export const demoUrl = 'demo:';

/** What runs when there is no config.json yet: everything works, and answers say that they are a demo. */
export function demoConfig(): Config {
  return configSchema.parse({
    Providers: [{ name: 'demo', api_base_url: demoUrl, models: ['demo'] }],
    Router: { default: 'demo,demo' },
  });
}
