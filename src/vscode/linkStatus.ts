import type { GatewayState } from '../control/protocol.ts';

/** Why this window has no gateway. Messages are sentences for people. */
export type LinkProblem =
  | { kind: 'port-in-use'; port: number; holder?: PortHolder | undefined; suggestedPort?: number | undefined }
  /** One line for each problem, with its place. */
  | { kind: 'config'; message: string }
  | { kind: 'crashed' | 'other'; message: string };

export type PortHolder = { pid: number; name: string };

/** What a window knows of its gateway. */
export type LinkStatus =
  | { kind: 'stopped' }
  | { kind: 'starting' }
  /**
   * `url`: where clients on this machine ask it. `token`: what they must show, if anything; it goes into terminals and
   * nowhere else.
   */
  | { kind: 'running'; isOwner: boolean; state: GatewayState; url: string; token: string | undefined }
  /** A newer CCR than this window's: it can be used, not steered. */
  | { kind: 'newer'; url: string; port: number; version: string; token: string | undefined }
  | { kind: 'failed'; problem: LinkProblem };
