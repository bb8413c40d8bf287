import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parse } from 'jsonc-parser';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { connectFile, disconnectFile } from '../../../src/clients/clientFile.ts';
import { openCodeFile, readListedModels, zedFile } from '../../../src/clients/jsonFiles.ts';

let home: string;
beforeEach(() => {
  home = mkdtempSync(path.join(tmpdir(), 'ccr-json-'));
});
afterEach(() => rmSync(home, { recursive: true }));

const options = () => ({
  url: 'http://127.0.0.1:3456',
  token: 'key',
  models: [
    { name: 'auto', label: 'CCR: auto', contextWindow: 1000, readsImages: false },
    { name: 'a,sees', label: 'a,sees', contextWindow: 2000, readsImages: true },
  ],
  environment: {},
  homeDirectory: home,
});

const clients = [
  { name: 'OpenCode', target: () => openCodeFile(options()), ours: ['provider', 'ccr'] },
  { name: 'Zed', target: () => zedFile(options()), ours: ['language_models', 'openai_compatible', 'CCR'] },
];

describe.each(clients)("$name's file", ({ target, ours }) => {
  const [first = ''] = ours;
  const give = (text: string): void => {
    mkdirSync(path.dirname(target().file), { recursive: true });
    writeFileSync(target().file, text);
  };
  const read = (): string => readFileSync(target().file, 'utf8');

  it.each([
    '{}\n',
    '// mine\n{\n\t"theme": "dark", // dark\n}\n',
    `{\r\n  "${first}": {}\r\n}`,
    `{"${first}": {"other": {"a": [1, 2]}}, "z": null}`,
  ])('gets our provider, and comes back byte for byte: %j', (text) => {
    give(text);
    connectFile(target()).apply();
    expect(read()).toContain('http://127.0.0.1:3456/w/shared/v1');
    expect(parse(read())).toMatchObject(parse(text) as object);
    disconnectFile(target()).apply();
    expect(read()).toBe(text);
  });

  it.each(['\uFEFF{\r\n  "a": 1\r\n}\r\n', ' \n', '// nothing yet\n', `{"${first}": {}, // ours\n}`])(
    'is edited whatever stands around its object, and comes back: %j',
    (text) => {
      give(text);
      connectFile(target()).apply();
      expect(read().startsWith('\uFEFF')).toBe(text.startsWith('\uFEFF'));
      expect(read()).toContain(text.includes('//') ? text.slice(text.indexOf('//')).trim().split('\n')[0] : '');
      expect(JSON.stringify(parse(read().replace(/^\uFEFF/, '')))).toContain('http://127.0.0.1:3456/w/shared/v1');
      const edited = read().replace(/\{/, '{ "z": 1,');
      disconnectFile(target()).apply();
      expect(read()).toBe(text);
      connectFile(target()).apply();
      writeFileSync(target().file, edited);
      disconnectFile(target()).apply();
      expect(parse(read().replace(/^\uFEFF/, ''))).toMatchObject({ z: 1 });
      expect(read()).not.toContain('127.0.0.1');
    },
  );

  it("keeps a value of the user's own: an undo alone changes nothing, and after a connect it is back", () => {
    const own = ours.toReversed().reduce<unknown>((value, name) => ({ [name]: value }), { mine: true });
    const text = JSON.stringify(own);
    give(text);
    disconnectFile(target()).apply();
    expect(read()).toBe(text);
    connectFile(target()).apply();
    connectFile(target()).apply();
    disconnectFile(target()).apply();
    expect(read()).toBe(text);
  });

  it.each(['null', '"text"', '[]'])('says what is in the way, and changes nothing: %s', (value) => {
    const text = `{"${first}": ${value}}`;
    give(text);
    expect(() => connectFile(target())).toThrow(new RegExp(`"${first}".* is not an object`));
    disconnectFile(target()).apply();
    expect(read()).toBe(text);
  });

  it('keeps what was edited in between, and leaves no empty object of ours', () => {
    give('{\n  "theme": "dark"\n}\n');
    connectFile(target()).apply();
    writeFileSync(target().file, read().replace('"dark"', '"light"'));
    disconnectFile(target()).apply();
    expect(read()).toBe('{\n  "theme": "light"\n}\n');
  });

  it('is created where it is missing, and removed again', () => {
    connectFile(target()).apply();
    expect(read()).toContain('CCR');
    disconnectFile(target()).apply();
    expect(existsSync(target().file)).toBe(false);
    connectFile(target()).apply();
    writeFileSync(target().file, `${read()}\n`);
    disconnectFile(target()).apply();
    expect(existsSync(target().file)).toBe(false);
  });

  it('is refused when it is not JSON', () => {
    give('{ "a": ');
    expect(() => connectFile(target())).toThrow(/not a valid JSON object/);
  });
});

describe('the models', () => {
  it('say who reads images, as the catalog has it', () => {
    const entry = { slug: 'a', display_name: 'A', visibility: 'list' };
    const models = [
      { ...entry, input_modalities: ['text', 'image'], context_window: 9 },
      { ...entry, slug: 'b', input_modalities: ['text'] },
      { ...entry, slug: 'c', visibility: 'hide' },
    ];
    expect(readListedModels(JSON.stringify({ models }))).toMatchObject([
      { name: 'a', readsImages: true, contextWindow: 9 },
      { name: 'b', readsImages: false },
    ]);
  });

  it('can be shown images in OpenCode and Zed where they read them, and nowhere else', () => {
    const [openCode, zed] = [openCodeFile(options()), zedFile(options())].map(
      ({ editor }) => parse(editor.connect('').text) as Record<string, never>,
    );
    expect(openCode).toMatchObject({
      provider: {
        ccr: {
          models: {
            auto: { attachment: false, modalities: { input: ['text'] } },
            'a,sees': { attachment: true, modalities: { input: ['text', 'image'], output: ['text'] } },
          },
        },
      },
    });
    const capabilities = [{ capabilities: { images: false } }, { capabilities: { images: true } }];
    expect(zed).toMatchObject({ language_models: { openai_compatible: { CCR: { available_models: capabilities } } } });
  });
});
