import * as z from 'zod';

/**
 * The editor's own settings, stated once: types, package.json's `contributes.configuration` and the docs come from here.
 * Providers, routes and presets live in config.json alone.
 *
 * `machine`: no workspace may set it, since it decides where keys and prompts go. `window`: a trusted workspace may.
 */
type Setting = { schema: z.ZodType; scope: 'machine' | 'window'; description: string };

export const settings = {
  configFile: {
    schema: z.string().default(''),
    scope: 'machine',
    description:
      'The config file. When empty: `~/.claude-code-router/config.json`. The variable `CCR_CONFIG` goes first.',
  },
  port: {
    schema: z.int().min(0).max(65_535).nullable().default(null),
    scope: 'machine',
    description: 'The port of the gateway; it wins over `PORT` in the config file. `0` picks a free port.',
  },
  host: {
    schema: z.string().default(''),
    scope: 'machine',
    description:
      'The address to listen on; it wins over `HOST` in the config file. Beyond loopback CCR demands a token (`CCR_TOKEN`, or `APIKEY` in the config file).',
  },
  autoStart: {
    schema: z.boolean().default(true),
    scope: 'machine',
    description: 'Start the gateway with the window.',
  },
  requireToken: {
    schema: z.boolean().default(false),
    scope: 'machine',
    description: 'Ask every client for a token. Terminals that CCR prepares have it.',
  },
  logLevel: {
    schema: z.enum(['error', 'warn', 'info', 'debug']).default('info'),
    scope: 'machine',
    description: 'How much the log tells. Prompts and keys are never in it.',
  },
  activePreset: {
    schema: z.string().default(''),
    scope: 'window',
    description: "The preset of this window's terminals. When empty: the config file's own routing.",
  },
  'terminal.inject': {
    schema: z.boolean().default(true),
    scope: 'window',
    description: 'Prepare new terminals, so that clients there go through CCR.',
  },
  'terminal.clients': {
    schema: z.array(z.enum(['codex', 'claude'])).default(['codex']),
    scope: 'window',
    description: 'Which clients new terminals are prepared for. `claude` adds the `ANTHROPIC_` variables.',
  },
} as const satisfies Record<string, Setting>;

export type SettingName = keyof typeof settings;
export type Settings = { [Name in SettingName]: z.output<(typeof settings)[Name]['schema']> };

export const settingNames = Object.keys(settings) as SettingName[];

/**
 * The settings as the editor has them, under their names without `ccr.`. One with a value of the wrong kind has its default,
 * and a problem says so.
 */
export function readSettings(get: (name: SettingName) => unknown): { settings: Settings; problems: string[] } {
  const problems: string[] = [];
  const read = settingNames.map((name) => {
    const { schema } = settings[name];
    const value = get(name);
    const parsed = schema.safeParse(value === null && name !== 'port' ? undefined : value);
    if (parsed.success) return [name, parsed.data];
    problems.push(
      `The setting ccr.${name} is not used: ${parsed.error.issues.map(({ message }) => message).join('; ')}.`,
    );
    return [name, schema.parse(undefined)];
  });
  return { settings: Object.fromEntries(read) as Settings, problems };
}
