export type OwnOptions = { userArguments: string[]; port: number | undefined; isShim: boolean; error?: string };

/** Reads our options of `ccr codex` or `ccr claude` off the front, up to the first one that is not ours. */
export function ownOptions(commandArguments: readonly string[]): OwnOptions {
  const [first = '', ...rest] = commandArguments;
  if (first === '--shim') return { userArguments: rest, port: undefined, isShim: true };
  const own = /^--port(?:=(.*))?$/.exec(first);
  if (!own) return { userArguments: [...commandArguments], port: undefined, isShim: false };
  const text = own[1] ?? rest[0] ?? '';
  const userArguments = own[1] === undefined ? rest.slice(1) : rest;
  const port = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  const isPort = port > 0 && port < 65_536;
  return { userArguments, port, isShim: false, ...(isPort ? {} : { error: '--port needs a number from 1 to 65535.' }) };
}
