import { execFile } from 'node:child_process';

/** How the extension runs the command-line program that it brings. */
export type CliProgram = { nodePath: string; cliPath: string; electron: boolean };

/** A bundle is the largest answer. Bytes. */
const longestAnswer = 64 * 1024 * 1024;

/**
 * What a command of `ccr` prints as JSON, with whatever exit code. A process of its own, since such commands need the gateway and
 * its HTTP client, which would make the extension start slower.
 * @throws Error that says that `what` could not run, with what the program printed, if that is not JSON
 */
export function askCli<Answer>(
  { nodePath, cliPath, electron }: CliProgram,
  given: readonly string[],
  { what, timeoutMs }: { what: string; timeoutMs: number },
): Promise<Answer> {
  const env = { ...process.env, ...(electron && { ELECTRON_RUN_AS_NODE: '1' }) };
  return new Promise((resolve, reject) => {
    execFile(
      nodePath,
      [cliPath, ...given],
      { env, timeout: timeoutMs, maxBuffer: longestAnswer },
      (_, stdout, stderr) => {
        try {
          resolve(JSON.parse(stdout) as Answer);
        } catch {
          reject(new Error(`${what} could not run: ${stderr.trim().slice(-500) || 'it printed nothing.'}`));
        }
      },
    );
  });
}
