import { spokenAll, type Wording } from '../canonical/wording.ts';
import type { LoadedConfig } from '../config/load.ts';
import type { GatewayState } from '../control/protocol.ts';
import type { LiveCheck } from '../gateway/liveCheck.ts';

/** Who answers on the port where the gateway is expected. */
export type PortFact =
  | { kind: 'ccr'; state: GatewayState }
  | { kind: 'stranger'; port: number; owner: string | undefined }
  | { kind: 'nobody'; port: number };

export type ClientFact = {
  /** The real program in PATH; undefined when there is none. */
  file: string | undefined;
  /** As npm has it; undefined when that is not known. */
  version: string | undefined;
};

/** Everything that the doctor looks at. What takes time or the network is a function, called when it is needed. */
export type DoctorFacts = {
  version: string;
  nodeVersion: string;
  environment: NodeJS.ProcessEnv;
  config: LoadedConfig;
  port: PortFact;
  isContainer: boolean;
  codex: ClientFact;
  claude: ClientFact;
  /** Where our shims are in PATH: before the clients themselves, behind them, or nowhere. */
  shims: Record<'codex' | 'claude', 'first' | 'behind' | 'missing'>;
  /** Codex's own config file; undefined when there is none. */
  codexConfig: string | undefined;
  /** Whether CCR has a record of having edited it. */
  isCodexRecorded: boolean;
  /** The program that Codex runs for the token; undefined when it is missing. */
  tokenHelper: string | undefined;
  /** Whether a host name resolves. */
  resolves(host: string): Promise<boolean>;
  /** Whether something listens there. */
  isListening(host: string, port: number): Promise<boolean>;
  /** Sends one request of a few tokens to each enabled provider. */
  checkProviders(): Promise<LiveCheck[]>;
};

/** What is wrong, and what to do about it. */
export type Finding = {
  /** Stable, for programs. */
  id: string;
  /** `error`: requests fail. `warning`: some may, or a client does not use CCR. */
  severity: 'error' | 'warning';
  message: string;
  /** What to do, as a sentence. */
  fix: string;
  /** Of `message` and of `fix`, for a window's own language. */
  wording: readonly Wording[];
  fixWording: readonly Wording[];
  /** A command of the extension that does it, for a button. */
  command?: string;
  /** What the command is for, such as a provider's name. */
  argument?: string;
};

export type Check = (facts: DoctorFacts) => Finding[] | Promise<Finding[]>;

type Kind = Pick<Finding, 'id' | 'severity' | 'command' | 'argument'>;

/** @param said one sentence, or several */
export function finding(kind: Kind, said: Wording | readonly Wording[], fix: Wording): Finding {
  const wording = 'text' in said ? [said] : said;
  return { ...kind, message: spokenAll(wording), fix: spokenAll([fix]), wording, fixWording: [fix] };
}
