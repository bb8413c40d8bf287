/** The parts of the process that commands may use. */
export type CliContext = {
  environment: NodeJS.ProcessEnv;
  homeDirectory: string;
  currentDirectory: string;
  platform: NodeJS.Platform;
  /** CCR's version. */
  version: string;
  /** The file of this program, dist/cli.js. */
  cliPath: string;
  /** Writes a line to stdout. */
  print(line: string): void;
  /** Writes a line to stderr. */
  complain(line: string): void;
};

/** The exit code of the process. */
export type ExitCode = number;
