import * as fc from 'fast-check';
import { parse } from 'smol-toml';
import { describe, expect, it } from 'vitest';
import { connectCodexConfig, disconnectCodexConfig, isCodexConnected } from '../../../src/clients/codexConfig.ts';

const connection = {
  baseUrl: 'http://127.0.0.1:3456/w/shared/v1',
  catalogUrl: 'http://127.0.0.1:3456/v1/models',
  tokenCommand: { command: '/home/a "b"/ccr', args: ['token'] },
};

const provider = {
  name: 'CCR',
  base_url: 'http://127.0.0.1:3456/w/shared/v1',
  wire_api: 'responses',
  supports_websockets: false,
  request_max_retries: 4,
  stream_max_retries: 3,
  model_catalog_url: 'http://127.0.0.1:3456/v1/models',
  auth: { command: '/home/a "b"/ccr', args: ['token'] },
};

const connect = (text: string): ReturnType<typeof connectCodexConfig> => connectCodexConfig(text, connection);

describe('connecting Codex', () => {
  it.each([
    ['an empty file', ''],
    [
      'a provider already chosen',
      '# mine\nmodel_provider = "openai" # for now\nmodel = "x"\n\n[tui]\ntheme = "dark"\n',
    ],
    ['no line break at the end', 'model = "x"'],
    ['Windows line breaks and a byte order mark', '\uFEFFmodel = "x"\r\n\r\n[tui]\r\n'],
    ['a schema directive', '#:schema https://example.org/codex.json\n\nmodel = "x"\n'],
    ['other providers', '[model_providers.other]\nname = "o"\nbase_url = "http://o/v1"\n'],
    ['providers written inline', 'model_providers = { other = { name = "o" } }\n'],
    ['an empty inline table', 'model_providers = {}\n'],
    ['providers as dotted keys', 'model_providers.other.name = "o"\nmodel_providers.other.base_url = "http://o"\n'],
    ['integers of 64 bits', 'big = 9223372036854775807\nmodel_providers.x.least = -9223372036854775808\nf = nan\n'],
    ['strings that look like TOML', `a = """\nmodel_provider = "no"\n[model_providers.ccr]\n"""\nb = '''\n[x]'''\n`],
  ])('adds the provider and takes it out again: %s', (_what, text) => {
    const connected = connect(text);
    const read = parse(connected.text.replace(/^\uFEFF/, ''), { integersAsBigInt: 'asNeeded' });
    expect(read['model_provider']).toBe('ccr');
    expect(read['model_providers']).toMatchObject({ ccr: provider });
    expect(isCodexConnected(connected.text)).toBe(true);
    expect(disconnectCodexConfig(connected.text, connected.edit)).toBe(text);
  });

  it('keeps the line breaks of the file', () => {
    expect(connect('model = "x"\r\n').text).not.toMatch(/[^\r]\n/);
  });

  it('refuses what is not TOML, and a provider `ccr` that the user wrote', () => {
    expect(() => connect('model = ')).toThrow(/not valid TOML/);
    expect(() => connect('[model_providers.ccr]\nname = "mine"\n')).toThrow(/already has a provider "ccr"/);
    expect(() => connect('model_providers = 3\n')).toThrow(/without changing something else/);
    expect(isCodexConnected('model = ')).toBe(false);
  });

  it('leaves a provider that was chosen since', () => {
    const { text, edit } = connect('model_provider = "openai"\n');
    const changed = text.replace('model_provider = "ccr"', 'model_provider = "other"');
    expect(disconnectCodexConfig(changed, edit)).toBe('model_provider = "other"\n');
  });

  it('takes out a table that was written in another form since, and nothing below it', () => {
    const { text, edit } = connect('model = "x"\n');
    const changed = text.replace(
      /^auth = .*\n/m,
      '\n[model_providers.ccr.auth]\ncommand = "c"\n# note\n[tui]\na = 1\n',
    );
    expect(disconnectCodexConfig(changed, edit)).toBe('model = "x"\n# note\n[tui]\na = 1\n');
  });

  it('takes itself out without a record', () => {
    expect(disconnectCodexConfig(connect('model = "x"\n').text, undefined)).toBe('model = "x"\n');
    expect(disconnectCodexConfig('model = "x"\n', undefined)).toBe('model = "x"\n');
  });
});

const bareKey = fc.stringMatching(/^[a-z][a-z0-9_-]{0,6}$/).filter((key) => !key.startsWith('model_provider'));
const quotedKey = fc
  .string({ maxLength: 6 })
  .map((text) => JSON.stringify(text.toWellFormed()).replaceAll('\u007F', ''));
const value = fc.oneof(
  fc.integer().map(String),
  fc.boolean().map(String),
  fc.stringMatching(/^[ -~]{0,12}$/).map((text) => JSON.stringify(text)),
  fc.stringMatching(/^[ -&(-~]{0,12}$/).map((text) => `'${text}'`),
  fc.stringMatching(/^[ #=a-z[\].\n]{0,20}$/).map((text) => `"""${text}"""`),
  fc.stringMatching(/^[ #="a-z[\].\n]{0,20}$/).map((text) => `'''${text}'''`),
  fc.array(fc.integer(), { maxLength: 3 }).map((items) => `[\n  ${items.join(', # ]\n  ')}\n]`),
  fc.constant('{ a = 1, "b.c" = [ "}" ] }'),
);
const space = fc.constantFrom('', ' ', '  ');
const comment = fc.constantFrom('', '', ' # note', ' # model_provider = "x"', '\t# [model_providers.ccr]');
const filler = fc.constantFrom('', '', '\n', '# a comment\n', '   \n', '#\n\n');

function entries(count: number): fc.Arbitrary<string[]> {
  const entry = fc
    .tuple(filler, fc.oneof(bareKey, quotedKey), space, value, comment)
    .map(([above, key, gap, written, after]) => ({ key, text: `${above}${key}${gap}=${gap}${written}${after}\n` }));
  return fc
    .uniqueArray(entry, { maxLength: count, selector: ({ key }) => key.replaceAll('"', '') })
    .map((all) => all.map(({ text }) => text));
}

/** Blocks of a random config.toml, whole statements each. */
const blocks = fc
  .tuple(
    fc.option(fc.constantFrom('"openai"', "'mine'", '"""x"""'), { nil: undefined }),
    entries(4),
    fc.uniqueArray(
      fc.tuple(
        fc.constantFrom('[tui]', '[model_providers.other]', '[projects."/a.b [c]"]', '[ x . "y]" ]', '[[list]]'),
        entries(3),
      ),
      {
        maxLength: 4,
        selector: ([header]) => header,
      },
    ),
    filler,
  )
  .map(([provider, root, tables, end]) => [
    ...(provider === undefined ? [] : [`model_provider = ${provider}\n`]),
    ...root,
    ...tables.flatMap(([header, body]) => [`${header}\n`, ...body]),
    end,
  ])
  .filter((all) => isToml(all.join('')));

function isToml(text: string): boolean {
  try {
    parse(text);
    return true;
  } catch {
    return false;
  }
}

const shape = fc.record({ windows: fc.boolean(), mark: fc.boolean(), cut: fc.boolean() });

function write(
  all: readonly string[],
  { windows, mark, cut }: { windows: boolean; mark: boolean; cut: boolean },
): string {
  const text = all.join('');
  const ended = cut ? text.replace(/\n$/, '') : text;
  return (mark ? '\uFEFF' : '') + (windows ? ended.replaceAll('\n', '\r\n') : ended);
}

/** What Codex adds at the end: a folder that the user trusts. */
function appendTrust(text: string, newline: string): string {
  const ending = /^\uFEFF?$|\n$/.test(text) ? '' : newline;
  return `${text}${ending}${newline}[projects."/work/new"]${newline}trust_level = "trusted"${newline}`;
}

describe('any config.toml', () => {
  it('comes back byte for byte, and is what it was but for the provider while connected', () => {
    fc.assert(
      fc.property(blocks, shape, (all, form) => {
        const text = write(all, form);
        const connected = connect(text);
        const { model_provider, model_providers, ...rest } = parse(connected.text.replace(/^\uFEFF/, ''));
        const { model_provider: _, model_providers: before, ...others } = parse(text.replace(/^\uFEFF/, ''));
        expect(JSON.stringify(rest)).toBe(JSON.stringify(others));
        expect(model_provider).toBe('ccr');
        expect(model_providers).toMatchObject({ ...(before as object), ccr: provider });
        expect(disconnectCodexConfig(connected.text, connected.edit)).toBe(text);
      }),
      { numRuns: 500 },
    );
  });

  it('keeps exactly what Codex edited in between', () => {
    fc.assert(
      fc.property(blocks, shape, fc.nat(), fc.constantFrom('remove', 'replace', 'insert'), (all, form, pick, kind) => {
        const text = write(all, form);
        const connected = connect(text);
        const block = write([all[pick % all.length] ?? ''], { ...form, mark: false, cut: false });
        const isEditable = isStatement(block) && [text, connected.text].every((each) => each.split(block).length === 2);
        const edit = (current: string): string =>
          appendTrust(isEditable ? editBlock(current, block, kind) : current, text.includes('\r\n') ? '\r\n' : '\n');
        expect(disconnectCodexConfig(edit(connected.text), connected.edit)).toBe(edit(text));
      }),
      { numRuns: 500 },
    );
  });
});

function isStatement(block: string): boolean {
  return block.trim() !== '' && !block.startsWith('model_provider') && !block.startsWith('[');
}

/** The same edit of one whole statement, with CCR in the file and without. */
function editBlock(current: string, block: string, kind: string): string {
  const newline = block.endsWith('\r\n') ? '\r\n' : '\n';
  if (kind === 'remove') return current.replace(block, () => '');
  if (kind === 'replace') return current.replace(block, () => `new_key = 1${newline}`);
  return current.replace(block, () => `${block}added_key = true${newline}`);
}
