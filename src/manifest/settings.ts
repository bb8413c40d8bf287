import * as z from 'zod';

/**
 * The settings of the extension. Their types, package.json's `contributes.configuration` and the docs are generated from
 * here. Providers, routes and presets are in config.json only.
 *
 * `machine`: no workspace may set it, since it decides where keys and prompts go. `window`: a trusted workspace may set it.
 */
type Setting = { schema: z.ZodType; scope: 'machine' | 'window'; description: string };

export const settings = {
  configFile: {
    schema: z.string().default(''),
    scope: 'machine',
    description:
      'The config file. When empty: `~/.claude-code-router/config.json`. The variable `CCR_CONFIG` overrides this setting.',
  },
  port: {
    schema: z.int().min(0).max(65_535).nullable().default(null),
    scope: 'machine',
    description: 'The port of the gateway. Overrides `PORT` in the config file. `0` picks a free port.',
  },
  host: {
    schema: z.string().default(''),
    scope: 'machine',
    description:
      'The address to listen on. Overrides `HOST` in the config file. Addresses beyond loopback require a token (`CCR_TOKEN`, or `APIKEY` in the config file).',
  },
  autoStart: {
    schema: z.boolean().default(true),
    scope: 'machine',
    description: 'Start the gateway when a window opens.',
  },
  requireToken: {
    schema: z.boolean().default(false),
    scope: 'machine',
    description: 'Require a token from every client. Terminals that CCR sets up have it.',
  },
  logLevel: {
    schema: z.enum(['error', 'warn', 'info', 'debug']).default('info'),
    scope: 'machine',
    description: 'The level of detail of the log. It never contains prompts or keys.',
  },
  activePreset: {
    schema: z.string().default(''),
    scope: 'window',
    description:
      "The preset of this window's terminals until one is chosen with **CCR: Switch Preset**. When empty: the config file's own routing.",
  },
  'terminal.inject': {
    schema: z.boolean().default(true),
    scope: 'window',
    description: 'Set up new terminals so that clients in them use CCR.',
  },
  'terminal.clients': {
    schema: z.array(z.enum(['codex', 'claude'])).default(['codex']),
    scope: 'window',
    description: 'The clients to set up in new terminals. `claude` adds the `ANTHROPIC_` variables.',
  },
} as const satisfies Record<string, Setting>;

export type SettingName = keyof typeof settings;
export type Settings = { [Name in SettingName]: z.output<(typeof settings)[Name]['schema']> };

export const settingNames = Object.keys(settings) as SettingName[];

/**
 * Reads the settings by their names without `ccr.`. A setting with an invalid value gets its default, and a problem
 * reports it.
 */
export function readSettings(get: (name: SettingName) => unknown): { settings: Settings; problems: string[] } {
  const problems: string[] = [];
  const read = settingNames.map((name) => {
    const { schema } = settings[name];
    const value = get(name);
    const parsed = schema.safeParse(value === null && name !== 'port' ? undefined : value);
    if (parsed.success) return [name, parsed.data];
    problems.push(
      `The setting ccr.${name} is invalid and was ignored: ${parsed.error.issues.map(({ message }) => message).join('; ')}.`,
    );
    return [name, schema.parse(undefined)];
  });
  return { settings: Object.fromEntries(read) as Settings, problems };
}
