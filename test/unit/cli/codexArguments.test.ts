import { describe, expect, it } from 'vitest';
import { codexArguments, passesUntouched, profileOf } from '../../../src/cli/codexArguments.ts';
import { topLevelKeys } from '../../../src/cli/codexProfile.ts';

const gateway = { url: 'http://127.0.0.1:3456', catalogFile: '/run/models.json' };
const prepare = (userArguments: string[], more: object = {}) => codexArguments({ ...gateway, ...more, userArguments });
const added = [
  '-c',
  'model_provider="ccr"',
  '-c',
  'model_providers.ccr={name="CCR",base_url="http://127.0.0.1:3456/v1",env_key="CCR_CLIENT_TOKEN",wire_api="responses",supports_websockets=false,request_max_retries=4,stream_max_retries=3}',
  '-c',
  'model_catalog_json="/run/models.json"',
];

describe("the arguments that CCR puts before the user's", () => {
  it('names the gateway', () => {
    expect(prepare(['exec', 'hi'])).toEqual({ arguments: [...added, 'exec', 'hi'], notes: [] });
    expect(prepare([])).toEqual({ arguments: added, notes: [] });
  });

  it("has the window's scope in the URL", () => {
    expect(prepare([], { scope: 'a b/ü' }).arguments[3]).toContain(
      'base_url="http://127.0.0.1:3456/w/a%20b%2F%C3%BC/v1"',
    );
    expect(prepare([], { scope: '' }).arguments).toEqual(added);
  });

  it('is valid TOML for any path', () => {
    const { arguments: commandLine } = prepare([], { catalogFile: 'C:\\Users\\"me"\\m.json' });
    expect(commandLine.at(-1)).toBe(String.raw`model_catalog_json="C:\\Users\\\"me\"\\m.json"`);
  });

  it('never contains a token, which every user of the machine could read there', () => {
    expect(prepare(['exec']).arguments.join(' ')).not.toMatch(/bearer|api_key=/i);
  });
});

describe('CODEX_MODEL', () => {
  it.each([
    [['exec', 'hi'], true],
    [[], true],
    [['exec', '-c', 'model_reasoning_effort="high"', 'hi'], true],
    [['exec', '--', '-m', 'x'], true],
    [['exec', '-m', 'mine', 'hi'], false],
    [['exec', '-mmine', 'hi'], false],
    [['-m', 'mine'], false],
    [['--model', 'mine'], false],
    [['--model=mine'], false],
    [['exec', '-c', 'model="mine"'], false],
    [['exec', '--config=model = "mine"'], false],
  ])('with %j is passed: %s', (userArguments, isPassed) => {
    const { arguments: commandLine } = prepare(userArguments, { model: 'wanted' });
    expect(commandLine).toEqual([...added, ...(isPassed ? ['-m', 'wanted'] : []), ...userArguments]);
  });

  it('is ignored when it is empty', () => {
    expect(prepare(['hi'], { model: '' }).arguments).toEqual([...added, 'hi']);
  });
});

describe('--full', () => {
  it.each([
    [
      ['exec', '--full', 'do it'],
      ['exec', '-s', 'workspace-write', 'do it'],
    ],
    [['--full-auto'], ['-s', 'workspace-write']],
    [
      ['exec', '--full-auto', '--full', 'x'],
      ['exec', '-s', 'workspace-write', 'x'],
    ],
    [
      ['exec', '--full', '-s', 'read-only', 'x'],
      ['exec', '-s', 'read-only', 'x'],
    ],
    [
      ['exec', '--sandbox=read-only', '--full', 'x'],
      ['exec', '--sandbox=read-only', 'x'],
    ],
    [
      ['exec', '--full', '--approve-for-me'],
      ['exec', '--approve-for-me'],
    ],
  ])('%j becomes %j, with a note', (userArguments, expected) => {
    const { arguments: commandLine, notes } = prepare(userArguments);
    expect(commandLine).toEqual([...added, ...expected]);
    expect(notes).toHaveLength(1);
  });

  it.each([[['exec', '--', '--full']], [['exec', '-o', '--full', 'x']], [['exec', 'explain --full']]])(
    'is not an option in %j',
    (userArguments) => {
      expect(prepare(userArguments)).toEqual({ arguments: [...added, ...userArguments], notes: [] });
    },
  );
});

it('does not set what a profile sets, since -c would override it', () => {
  const profileKeys = new Set(['model_provider', 'model', 'model_catalog_json']);
  const { arguments: commandLine } = prepare(['-p', 'work'], { profileKeys, model: 'wanted' });
  expect(commandLine).toEqual([...added.slice(2, 4), '-p', 'work']);
  expect(profileOf(['exec', '--profile=work', 'x'])).toBe('work');
  expect(profileOf(['exec', '-p', 'work'])).toBe('work');
  expect(profileOf(['exec', '--', '-p', 'work'])).toBeUndefined();
});

it("reads only the top level of a profile's TOML", () => {
  expect(
    topLevelKeys('# model_provider = "no"\nmodel = "x"\n"sandbox_mode"="y"\n\n  [profiles.a]\nmodel_provider = "z"'),
  ).toEqual(new Set(['model', 'sandbox_mode']));
  expect(topLevelKeys('[a]\nmodel = "x"')).toEqual(new Set());
});

// TOML that a search for `key =` at the start of a line misreads.
it.each([
  ['a key in single quotes', `'model' = "x"`, ['model']],
  ['a key with an escape', String.raw`"model\u005fprovider" = "x"`, ['model_provider']],
  ['a line of a multi-line string', 'notes = """\nmodel = "no"\n"""', ['notes']],
  ['a bracket at the start of a line within a string', 'notes = """\n[no table]\n"""\nmodel = "x"', ['notes', 'model']],
  ['a bracket at the start of a line within an array', 'pairs = [\n["a", "b"],\n]\nmodel = "x"', ['pairs', 'model']],
  ['an inline table', 'features = { model = "no" }\nmodel = "x" # why', ['model']],
  ['a dotted key', 'model_providers.mine.name = "Mine"\nmodel = "x"', ['model']],
])('reads %s in a profile', (_, toml, keys) => {
  expect(topLevelKeys(toml)).toEqual(new Set(keys));
});

it.each([
  [['login'], true],
  [['logout'], true],
  [['mcp', 'add', 'x', '--', 'cmd', '--full'], true],
  [['app-server'], true],
  [['completion', 'bash'], true],
  [['help'], true],
  [['--version'], true],
  [['-V'], true],
  [['--help'], true],
  [['exec', '--help'], true],
  [['exec', '-h'], true],
  [['-c', 'x=1', 'login'], true],
  [['--oss', 'hi'], true],
  [['exec', '--local-provider=ollama', 'hi'], true],
  [['--remote', 'ws://127.0.0.1:1'], true],
  [[], false],
  [['login to the site'], false],
  [['exec', 'login'], false],
  [['e', 'hi'], false],
  [['resume', '--last'], false],
  [['review'], false],
  [['mcp-server'], false],
  [['-m', 'login', 'hi'], false],
  [['-i', 'a.png', 'login'], false],
  [['exec', '--', '--help'], false],
  [['exec', '-c', '--help'], false],
  [['-'], false],
])('%j passes untouched: %s', (userArguments, expected) => {
  expect(passesUntouched(userArguments)).toBe(expected);
});
