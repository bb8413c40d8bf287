import { execFileSync, spawnSync } from 'node:child_process';
import {
  chmodSync,
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
import { findBehindShim } from '../../../src/cli/findExecutable.ts';
import { cmdArgument, launchPlan } from '../../../src/cli/runClient.ts';
import { writeShims } from '../../../src/cli/shimFiles.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'ccr-shim-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

function program(name: string, text = '#!/bin/sh\n', mode = 0o755): string {
  const file = path.join(folder, name);
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, text);
  chmodSync(file, mode);
  return file;
}

const inFolder = (...names: string[]): string => names.map((name) => path.join(folder, name)).join(':');

describe('the real client', () => {
  it('is found behind our shims, whatever their folder and through links', () => {
    const real = program('real/codex');
    writeShims(path.join(folder, 'shims'), 'codex', { nodePath: '/n', cliPath: '/c', electron: true });
    writeShims(path.join(folder, 'older'), 'codex', { nodePath: '/n', cliPath: '/c', electron: false });
    mkdirSync(path.join(folder, 'linked'));
    symlinkSync(path.join(folder, 'shims', 'codex'), path.join(folder, 'linked', 'codex'));
    const PATH = inFolder('shims', 'older', 'linked', 'real');
    expect(findBehindShim('codex', { PATH }, 'linux')).toBe(real);
    expect(findBehindShim('codex', { PATH: inFolder('shims', 'older') }, 'linux')).toBeUndefined();
  });

  it('is an executable file in an absolute folder', () => {
    program('text/codex', '', 0o644);
    mkdirSync(path.join(folder, 'a-folder', 'codex'), { recursive: true });
    const real = program('real/codex');
    const PATH = `:relative:${inFolder('missing', 'text', 'a-folder', 'real')}`;
    expect(findBehindShim('codex', { PATH }, 'linux')).toBe(real);
    expect(findBehindShim('codex', {}, 'linux')).toBeUndefined();
  });

  it('has one of the extensions that Windows knows', () => {
    program('npm/codex');
    const real = program('npm/codex.cmd', '@echo off');
    writeShims(path.join(folder, 'shims'), 'codex', { nodePath: 'n', cliPath: 'c', electron: true });
    const environment = {
      Path: [path.join(folder, 'shims'), path.join(folder, 'npm')].join(';'),
      PATHEXT: '.EXE;.CMD',
    };
    expect(findBehindShim('codex', environment, 'win32')).toBe(real);
  });
});

describe('writing the shims again', () => {
  const file = (): string => path.join(folder, 'shims', 'codex');
  const write = (nodePath = '/n'): bigint => {
    writeShims(path.join(folder, 'shims'), 'codex', { nodePath, cliPath: '/c', electron: false });
    return lstatSync(file(), { bigint: true }).ino;
  };

  it('does not write files that are as they have to be', () => {
    expect(write()).toBe(write());
  });

  it.skipIf(process.platform === 'win32')('replaces a changed text, permissions and links', () => {
    const before = write();
    const text = readFileSync(file(), 'utf8');
    const other = write('/m');
    expect(other).not.toBe(before);
    chmodSync(file(), 0o777);
    write('/m');
    expect(statSync(file()).mode & 0o777).toBe(0o755);
    rmSync(file());
    symlinkSync(program('elsewhere', text), file());
    write();
    expect(lstatSync(file()).isSymbolicLink()).toBe(false);
  });
});

const shim = (): string => path.join(folder, 'shims', 'codex');
const run = (commandArguments: string[], PATH = process.env['PATH']) =>
  spawnSync(shim(), commandArguments, { encoding: 'utf8', env: { PATH } });

const uncaret = (line: string): string => line.replaceAll(/\^(.)/g, '$1');

describe('the shim of POSIX shells', () => {
  it('passes everything to the CLI', () => {
    const cliPath = program(
      "it's here/cli.js",
      'console.log(JSON.stringify([process.argv.slice(2), process.env.ELECTRON_RUN_AS_NODE]));process.exitCode=7',
    );
    writeShims(path.join(folder, 'shims'), 'codex', { nodePath: process.execPath, cliPath, electron: true });
    const { stdout, status } = run(['exec', 'two words', '$HOME "q"', '']);
    expect(JSON.parse(stdout)).toEqual([['codex', '--shim', 'exec', 'two words', '$HOME "q"', ''], '1']);
    expect(status).toBe(7);
  });

  it('of Claude Code runs that client', () => {
    const cliPath = program('cli.js', 'console.log(JSON.stringify(process.argv.slice(2)))');
    const folderOfClaude = path.join(folder, 'shims');
    writeShims(folderOfClaude, 'claude', { nodePath: process.execPath, cliPath, electron: false });
    const { stdout } = spawnSync(path.join(folderOfClaude, 'claude'), ['-p', 'hi'], { encoding: 'utf8' });
    expect(JSON.parse(stdout)).toEqual(['claude', '--shim', '-p', 'hi']);
    expect(findBehindShim('claude', { PATH: folderOfClaude }, 'linux')).toBeUndefined();
    program('real/claude', '#!/bin/sh\necho plain\n');
    rmSync(cliPath);
    const PATH = `${inFolder('shims', 'real')}:/usr/bin:/bin`;
    const plain = spawnSync(path.join(folderOfClaude, 'claude'), [], { encoding: 'utf8', env: { PATH } });
    expect(plain.stdout).toBe('plain\n');
  });

  it('runs the plain client when CCR was removed', () => {
    program('real/codex', '#!/bin/sh\nprintf "%s|" "$@"; exit 3\n');
    writeShims(path.join(folder, 'shims'), 'codex', {
      nodePath: process.execPath,
      cliPath: '/gone.js',
      electron: true,
    });
    writeShims(path.join(folder, 'other'), 'codex', {
      nodePath: process.execPath,
      cliPath: '/gone.js',
      electron: true,
    });
    const system = '/usr/bin:/bin';
    expect(run(['a b', '*'], `${inFolder('shims', 'other', 'real')}:${system}`)).toMatchObject({
      stdout: 'a b|*|',
      status: 3,
    });
    expect(run([], `${inFolder('shims', 'other')}:${system}`).stderr).toContain('not found');
  });

  it('is written atomically, as an executable', () => {
    writeShims(path.join(folder, 'shims'), 'codex', { nodePath: '/n', cliPath: '/c', electron: false });
    writeShims(path.join(folder, 'shims'), 'codex', { nodePath: '/n', cliPath: '/c', electron: false });
    expect(statSync(shim()).mode & 0o777).toBe(0o755);
    expect(execFileSync('ls', [path.dirname(shim())], { encoding: 'utf8' })).toBe('ccr\nccr.cmd\ncodex\ncodex.cmd\n');
  });
});

describe('on Windows', () => {
  const environment = { ComSpec: 'C:\\Windows\\cmd.exe' };

  it("starts npm's script without cmd.exe between", () => {
    const file = program('npm/codex.cmd');
    const script = program('npm/node_modules/@openai/codex/bin/codex.js');
    const run = { file, arguments: ['exec', 'a "b" %c%'], environment, platform: 'win32' } as const;
    expect(launchPlan(run)).toEqual({ file: 'node.exe', arguments: [script, 'exec', 'a "b" %c%'], verbatim: false });
    const own = program('npm/node.exe');
    expect(launchPlan(run).file).toBe(own);
    // Another client of npm in the same folder is not Codex.
    expect(launchPlan({ ...run, file: program('npm/claude.cmd') }).arguments.join(' ')).toContain('claude.cmd');
  });

  it('starts other batch files through cmd.exe, and programs directly', () => {
    const run = { arguments: ['a b'], environment, platform: 'win32' } as const;
    const file = program('two words/codex.cmd');
    expect(launchPlan({ ...run, file })).toEqual({
      file: 'C:\\Windows\\cmd.exe',
      arguments: ['/d', '/s', '/c', `"${file.replace(' ', '^ ')} ^^^"a^^^ b^^^""`],
      verbatim: true,
    });
    expect(launchPlan({ ...run, file: 'C:\\Tools\\codex.exe' })).toEqual({
      file: 'C:\\Tools\\codex.exe',
      arguments: ['a b'],
      verbatim: false,
    });
  });

  // Parsed as cmd.exe does: it removes carets twice; then the C runtime's rules for quotes apply.
  it.each(['', 'a b', '"', 'a\\', 'a\\"b', '\\\\"', '%PATH% & del | ^ !', '--c=model="x y"'])(
    'hands on %j unchanged',
    (text) => {
      const quoted = uncaret(uncaret(cmdArgument(text)));
      const inner = quoted.slice(1, -1);
      expect(quoted.at(0) === '"' && quoted.at(-1) === '"').toBe(true);
      expect(
        inner
          .replaceAll(/(\\*)"/g, (_, slashes: string) => `${slashes.slice(0, Math.floor(slashes.length / 2))}"`)
          .replace(/(\\*)$/, (slashes) => slashes.slice(0, slashes.length / 2)),
      ).toBe(text);
      expect(cmdArgument(text)).not.toMatch(/(^|[^^])[&|<>%"]/);
    },
  );
});
