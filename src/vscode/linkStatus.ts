import type { GatewayState } from '../control/protocol.ts';

/** Why this window has no gateway. Messages are sentences to show to users. */
export type LinkProblem =
  | { kind: 'port-in-use'; port: number; holder?: PortHolder | undefined; suggestedPort?: number | undefined }
  /** `message` has one line per problem, with its place in the file. */
  | { kind: 'config'; message: string }
  | { kind: 'crashed' | 'other'; message: string };

/** The program that listens on a port. */
export type PortHolder = { pid: number; name: string };

/** What a window knows of its gateway. */
export type LinkStatus =
  | { kind: 'stopped' }
  | { kind: 'starting' }
  /**
   * `url`: the base URL for clients on this machine. `token`: what clients must send, if anything; it is passed to
   * terminals only.
   */
  | { kind: 'running'; isOwner: boolean; state: GatewayState; url: string; token: string | undefined }
  /** A CCR newer than this window's: clients can use it, but this window can't steer it. */
  | { kind: 'newer'; url: string; port: number; version: string; token: string | undefined }
  | { kind: 'failed'; problem: LinkProblem };
