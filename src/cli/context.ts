/** What a command may use of the process it runs in. */
export type CliContext = {
  environment: NodeJS.ProcessEnv;
  homeDirectory: string;
  currentDirectory: string;
  platform: NodeJS.Platform;
  /** CCR's own. */
  version: string;
  /** A line on stdout. */
  print(line: string): void;
  /** A line on stderr. */
  complain(line: string): void;
};

/** What a command ends the process with. */
export type ExitCode = number;
