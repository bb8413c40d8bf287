import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parse } from 'jsonc-parser';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { connectFile, disconnectFile } from '../../../src/clients/clientFile.ts';
import { openCodeFile, zedFile } from '../../../src/clients/jsonFiles.ts';

let home: string;
beforeEach(() => {
  home = mkdtempSync(path.join(tmpdir(), 'ccr-json-'));
});
afterEach(() => rmSync(home, { recursive: true }));

const options = () => ({
  url: 'http://127.0.0.1:3456',
  token: 'key',
  models: [{ name: 'auto', label: 'CCR: auto', contextWindow: 1000 }],
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
