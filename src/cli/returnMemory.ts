import { accessSync, constants } from 'node:fs';

/**
 * What glibc keeps of what is freed: pieces below a size, and room above the last piece in use, of which it returns what is more than a
 * limit. Bytes. V8's compilers free pieces of 32 KB. With glibc's defaults it keeps some 60 MB of them after some thousand requests, for
 * good, and a sixth of what an idle gateway takes. It reads these variables at the start of a process only.
 */
const variables = { MALLOC_MMAP_THRESHOLD_: '32768', MALLOC_TOP_PAD_: '0', MALLOC_TRIM_THRESHOLD_: '1048576' };

export type Process = Pick<NodeJS.Process, 'argv' | 'env' | 'execArgv' | 'execPath' | 'platform'> & {
  channel?: object | undefined;
  execve?: NodeJS.Process['execve'] | undefined;
  versions: { node: string; electron?: string | undefined };
};

/**
 * A process that is to be a gateway becomes itself again, with the variables: the same id, files and arguments, 60 ms later. Nothing happens
 * where that is not possible, would help nothing (Electron has an allocator of its own) or lose something (the channel of a supervisor),
 * or if the user has set one of them.
 */
export function returnMemory(process: Process): void {
  const { argv, channel, env, execArgv, execPath, platform, versions } = process;
  if (argv[2] !== 'start' || platform !== 'linux' || versions.electron !== undefined) return;
  if (channel || Object.keys(variables).some((name) => env[name] !== undefined)) return;
  try {
    // A failure of execve itself would end the process.
    accessSync(execPath, constants.X_OK);
    process.execve?.(execPath, [execPath, ...execArgv, ...argv.slice(1)], { ...env, ...variables });
  } catch {
    // Then the gateway takes more memory.
  }
}

// The CLI imports this file before what takes long to load.
returnMemory(process);
