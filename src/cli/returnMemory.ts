import { accessSync, constants } from 'node:fs';

/**
 * From which size on glibc gives what is freed back to the system. By default it keeps what V8's compilers free, in pieces of 32 KB: some
 * 50 MB after some thousand requests, for good, and a tenth of what an idle gateway takes. It reads the variable at the start of a process
 * only.
 */
const variable = { name: 'MALLOC_MMAP_THRESHOLD_', bytes: 32 * 1024 };

export type Process = Pick<NodeJS.Process, 'argv' | 'env' | 'execArgv' | 'execPath' | 'platform'> & {
  channel?: object | undefined;
  execve?: NodeJS.Process['execve'] | undefined;
  versions: { node: string; electron?: string | undefined };
};

/**
 * A process that is to be a gateway becomes itself again, with the variable: the same id, files and arguments, 40 ms later. Nothing happens
 * where that is not possible, would help nothing (Electron has an allocator of its own) or lose something (the channel of a supervisor),
 * or if the user has set the variable.
 */
export function returnMemory(process: Process): void {
  const { argv, channel, env, execArgv, execPath, platform, versions } = process;
  if (argv[2] !== 'start' || platform !== 'linux' || versions.electron !== undefined) return;
  if (channel || env[variable.name] !== undefined) return;
  try {
    // A failure of execve itself would end the process.
    accessSync(execPath, constants.X_OK);
    const environment = { ...env, [variable.name]: String(variable.bytes) };
    process.execve?.(execPath, [execPath, ...execArgv, ...argv.slice(1)], environment);
  } catch {
    // Then the gateway takes more memory.
  }
}

// The CLI imports this file before what takes long to load.
returnMemory(process);
