import { describe, expect, it } from 'vitest';
import { returnMemory, type Process } from '../../../src/cli/returnMemory.ts';

/** What a process is replaced by. */
function replacement(differences: Partial<Process> = {}): unknown {
  let replaced: unknown;
  returnMemory({
    argv: [process.execPath, '/app/cli.js', 'start', '--port', '1'],
    env: { PATH: '/bin' },
    execArgv: ['--enable-source-maps'],
    execPath: process.execPath,
    platform: 'linux',
    versions: process.versions,
    execve: ((file, commandArguments, environment) => {
      replaced = { file, commandArguments, environment };
    }) as Process['execve'],
    ...differences,
  });
  return replaced;
}

describe('a gateway that starts on Linux', () => {
  it('starts again with all that it was given, and the variables', () => {
    expect(replacement()).toEqual({
      file: process.execPath,
      commandArguments: [process.execPath, '--enable-source-maps', '/app/cli.js', 'start', '--port', '1'],
      environment: {
        PATH: '/bin',
        MALLOC_MMAP_THRESHOLD_: '32768',
        MALLOC_TOP_PAD_: '0',
        MALLOC_TRIM_THRESHOLD_: '1048576',
      },
    });
  });

  it.each<[string, Partial<Process>]>([
    ['it has started again already', { env: { MALLOC_MMAP_THRESHOLD_: '32768' } }],
    ['the user has chosen a value', { env: { MALLOC_TOP_PAD_: '1000000' } }],
    ['it is another command', { argv: [process.execPath, '/app/cli.js', 'status'] }],
    ['the system is another', { platform: 'darwin' }],
    ['Electron runs it', { versions: { node: '24.0.0', electron: '40.0.0' } }],
    ['a supervisor has a channel to it', { channel: {} }],
    ['the file of Node is gone', { execPath: '/nowhere/node' }],
  ])('does not if %s', (_, differences) => {
    expect(replacement(differences)).toBeUndefined();
  });

  it('goes on if Node does not have or allow it', () => {
    expect(() => replacement({ execve: undefined })).not.toThrow();
    const refuse = (): never => {
      throw new Error('ERR_ACCESS_DENIED');
    };
    expect(() => replacement({ execve: refuse })).not.toThrow();
  });
});
