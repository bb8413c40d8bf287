import { askCli, type CliProgram } from './askCli.ts';

/** What a window shows of a capture. */
export type CapturedRequest = {
  request?: string | undefined;
  provider: string;
  model: string;
  timestamp: string;
  success: boolean;
  error?: string | undefined;
};

/** One file about a request, and whether it has what went over the wire. */
export type ProblemReport = { text: string; isCaptured: boolean };

export type CaptureReports = {
  /** The latest captures, newest first; empty if there are none. */
  list(): Promise<CapturedRequest[]>;
  /** @throws Error that users may see. */
  bundle(request: string): Promise<ProblemReport>;
};

/** Milliseconds. Replaying is part of it. */
const timeoutMs = 60_000;

/** The reports that `ccr captures` makes. `options` name the config and the gateway of the window. */
export function captureReports(
  program: CliProgram,
  options: () => Promise<{ config: string[]; port: string[] }>,
): CaptureReports {
  const what = 'CCR';
  return {
    async list() {
      const given = ['captures', 'list', '--json', ...(await options()).config];
      const found = await askCli<{ captures?: (CapturedRequest | { problem: string })[] }>(program, given, {
        what,
        timeoutMs,
      });
      return (found.captures ?? []).filter((capture): capture is CapturedRequest => !('problem' in capture));
    },
    async bundle(request) {
      const { config, port } = await options();
      const given = ['captures', 'bundle', request, '--json', '-o', '-', ...config, ...port];
      const bundle = await askCli<{ error?: string; captures?: unknown[] }>(program, given, { what, timeoutMs });
      if (bundle.error !== undefined) throw new Error(bundle.error);
      return { text: `${JSON.stringify(bundle, null, 2)}\n`, isCaptured: (bundle.captures ?? []).length > 0 };
    },
  };
}
