/**
 * The settings of the extension. Their types, package.json's `contributes.configuration` and the docs are generated from
 * here. Providers, routes and presets are in config.json only.
 *
 * `schema`: JSON Schema, of which `faultOf` checks what is used here. The extension reads its settings at activation, for which
 * a library of schemas would take half of the time.
 * `machine`: no workspace may set it, since it decides where keys and prompts go. `window`: a trusted workspace may set it.
 */
type Setting = { schema: SettingSchema; scope: 'machine' | 'window'; description: string };

type StringSchema = { type: 'string'; enum?: readonly string[] };
type SettingSchema =
  | (StringSchema & { default: string })
  | { default: boolean; type: 'boolean' }
  | { default: number | null; type: readonly ['integer', 'null']; minimum: number; maximum: number }
  | { default: readonly string[]; type: 'array'; items: StringSchema };

type ValueOf<Schema> = Schema extends { enum: readonly (infer Value)[] }
  ? Value
  : Schema extends { type: 'string' }
    ? string
    : Schema extends { type: 'boolean' }
      ? boolean
      : Schema extends { items: infer Items }
        ? readonly ValueOf<Items>[]
        : number | null;

export const settings = {
  configFile: {
    schema: { default: '', type: 'string' },
    scope: 'machine',
    description:
      'The config file. When empty: `~/.claude-code-router/config.json`. The variable `CCR_CONFIG` overrides this setting.',
  },
  port: {
    schema: { default: null, type: ['integer', 'null'], minimum: 0, maximum: 65_535 },
    scope: 'machine',
    description: 'The port of the gateway. Overrides `PORT` in the config file. `0` picks a free port.',
  },
  host: {
    schema: { default: '', type: 'string' },
    scope: 'machine',
    description:
      'The address to listen on. Overrides `HOST` in the config file. Addresses beyond loopback require a token (`CCR_TOKEN`, or `APIKEY` in the config file).',
  },
  autoStart: {
    schema: { default: true, type: 'boolean' },
    scope: 'machine',
    description: 'Start the gateway when a window opens.',
  },
  requireToken: {
    schema: { default: false, type: 'boolean' },
    scope: 'machine',
    description: 'Require a token from every client. Terminals that CCR sets up have it.',
  },
  logLevel: {
    schema: { default: 'info', type: 'string', enum: ['error', 'warn', 'info', 'debug'] },
    scope: 'machine',
    description: 'The level of detail of the log. It never contains prompts or keys.',
  },
  activePreset: {
    schema: { default: '', type: 'string' },
    scope: 'window',
    description:
      "The preset of this window's terminals until one is chosen with **CCR: Switch Preset**. When empty: the config file's own routing.",
  },
  'terminal.inject': {
    schema: { default: true, type: 'boolean' },
    scope: 'window',
    description: 'Set up new terminals so that clients in them use CCR.',
  },
  'terminal.clients': {
    schema: { default: ['codex'], type: 'array', items: { type: 'string', enum: ['codex', 'claude'] } },
    scope: 'window',
    description: 'The clients to set up in new terminals. `claude` adds the `ANTHROPIC_` variables.',
  },
} as const satisfies Record<string, Setting>;

export type SettingName = keyof typeof settings;
export type Settings = { [Name in SettingName]: ValueOf<(typeof settings)[Name]['schema']> };

export const settingNames = Object.keys(settings) as SettingName[];

/**
 * Reads the settings by their names without `ccr.`. A setting with an invalid value gets its default, and a problem
 * reports it.
 */
export function readSettings(get: (name: SettingName) => unknown): { settings: Settings; problems: string[] } {
  const problems: string[] = [];
  const read = settingNames.map((name) => {
    const schema: SettingSchema = settings[name].schema;
    const value = get(name) ?? schema.default;
    const fault = faultOf(value, schema);
    if (fault === undefined) return [name, value];
    problems.push(`The setting ccr.${name} is invalid and was ignored: ${fault}.`);
    return [name, schema.default];
  });
  return { settings: Object.fromEntries(read) as Settings, problems };
}

/** What the value is not; undefined if it is valid. Never the value, which may be a secret in the wrong place. */
function faultOf(value: unknown, schema: SettingSchema): string | undefined {
  switch (schema.type) {
    case 'string':
      return textFault(value, schema);
    case 'boolean':
      return typeof value === 'boolean' ? undefined : 'it is not true or false';
    case 'array':
      if (!Array.isArray(value)) return 'it is not a list';
      return value.map((each) => textFault(each, schema.items)).find((fault) => fault !== undefined);
    default:
      return value === null || isWithin(value, schema)
        ? undefined
        : `it is not an integer from ${schema.minimum} to ${schema.maximum}`;
  }
}

function textFault(value: unknown, { enum: values }: StringSchema): string | undefined {
  if (typeof value !== 'string') return 'it is not a text';
  return values === undefined || values.includes(value) ? undefined : `it is not one of ${values.join(', ')}`;
}

function isWithin(value: unknown, { minimum, maximum }: { minimum: number; maximum: number }): boolean {
  return Number.isInteger(value) && Number(value) >= minimum && Number(value) <= maximum;
}
