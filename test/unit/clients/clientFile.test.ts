import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { connectFile, disconnectFile, hasRecord, type ClientFile } from '../../../src/clients/clientFile.ts';
import { codexFile } from '../../../src/clients/codexFile.ts';

let home: string;
let file: string;
beforeEach(() => {
  home = mkdtempSync(path.join(tmpdir(), 'ccr-clients-'));
  file = path.join(home, '.codex', 'config.toml');
});
afterEach(() => rmSync(home, { recursive: true }));

function codex(url = 'http://127.0.0.1:3456'): ClientFile {
  return codexFile({ url, tokenCommand: { command: '/x/ccr-token', args: [] }, environment: {}, homeDirectory: home });
}

function give(text: string): void {
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, text);
}

const read = (): string => readFileSync(file, 'utf8');
const recordFile = (): string => path.join(home, '.claude-code-router', 'connected', 'codex.json');

describe("an edit of a client's file", () => {
  it('shows the change, writes it on request, and takes it back byte for byte', () => {
    give('\uFEFFmodel = "x"\r\n# end');
    const change = connectFile(codex());
    expect(change).toMatchObject({ file, before: '\uFEFFmodel = "x"\r\n# end' });
    expect(read()).toBe('\uFEFFmodel = "x"\r\n# end');
    change.apply();
    expect(read()).toBe(change.after);
    expect(read()).toContain('base_url = "http://127.0.0.1:3456/w/shared/v1"');
    expect(statSync(recordFile()).mode & 0o777).toBe(0o600);
    disconnectFile(codex()).apply();
    expect(read()).toBe('\uFEFFmodel = "x"\r\n# end');
    expect(hasRecord(codex())).toBe(false);
  });

  it('removes a file that it created, unless it was edited', () => {
    connectFile(codex()).apply();
    disconnectFile(codex()).apply();
    expect(existsSync(file)).toBe(false);
    connectFile(codex()).apply();
    writeFileSync(file, `${read()}\n[tui]\n`);
    disconnectFile(codex()).apply();
    expect(read()).toBe('\n[tui]\n');
  });

  it('replaces its own earlier edit', () => {
    give('model_provider = "openai"\n');
    connectFile(codex()).apply();
    connectFile(codex('http://127.0.0.1:4000')).apply();
    expect(read().match(/model_providers\.ccr/g)).toHaveLength(1);
    expect(read()).toContain('127.0.0.1:4000');
    disconnectFile(codex()).apply();
    expect(read()).toBe('model_provider = "openai"\n');
  });

  it('survives a crash between the record and the file, at the first edit and at a later one', () => {
    give('model = "x"');
    connectFile(codex()).apply();
    const connected = read();
    writeFileSync(file, 'model = "x"');
    disconnectFile(codex()).apply();
    expect(read()).toBe('model = "x"');
    connectFile(codex()).apply();
    connectFile(codex('http://127.0.0.1:4000')).apply();
    writeFileSync(file, connected);
    disconnectFile(codex()).apply();
    expect(read()).toBe('model = "x"');
  });

  it('works without the record', () => {
    give('model = "x"\n');
    connectFile(codex()).apply();
    rmSync(recordFile());
    disconnectFile(codex()).apply();
    expect(read()).toBe('model = "x"\n');
  });

  it.each([
    ['a table', '[model_providers.ccr]\nname = "mine"\n'],
    ['a quoted key', '[model_providers."ccr"]\nname = "mine"\nbase_url = "http://mine/v1"\n'],
  ])("refuses a provider of the user's own, as %s, and takes it out neither then nor at an undo", (_what, text) => {
    give(text);
    expect(() => connectFile(codex())).toThrow(/already has a provider "ccr"/);
    disconnectFile(codex()).apply();
    expect(read()).toBe(text);
  });

  it("leaves the user's own choice of a provider of the same name", () => {
    give('model_provider = "ccr"\n');
    disconnectFile(codex()).apply();
    expect(read()).toBe('model_provider = "ccr"\n');
    connectFile(codex()).apply();
    disconnectFile(codex()).apply();
    expect(read()).toBe('model_provider = "ccr"\n');
  });

  it('names the file that it can not edit', () => {
    give('model = ');
    expect(() => connectFile(codex())).toThrow(file);
  });

  it('does not overwrite what was written since the change was shown', () => {
    give('model = "x"\n');
    const change = connectFile(codex());
    writeFileSync(file, 'model = "y"\n');
    expect(() => change.apply()).toThrow(/has changed since/);
    expect(read()).toBe('model = "y"\n');
  });

  it('keeps a link, and the permissions of the file', () => {
    give('');
    const real = path.join(home, 'dotfiles.toml');
    writeFileSync(real, 'model = "x"\n');
    chmodSync(real, 0o640);
    rmSync(file);
    symlinkSync(real, file);
    connectFile(codex()).apply();
    expect(lstatSync(file).isSymbolicLink()).toBe(true);
    expect(readFileSync(real, 'utf8')).toContain('model_provider = "ccr"');
    expect(statSync(real).mode & 0o777).toBe(0o640);
  });

  it('refuses a file that is not UTF-8', () => {
    give('');
    writeFileSync(file, Buffer.from([0x61, 0x20, 0x3d, 0x20, 0xff]));
    expect(() => connectFile(codex())).toThrow(/not UTF-8/);
  });
});
