import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, expect } from 'vitest';
import { createUpstream, type Upstream } from '../../../src/gateway/upstream.ts';
import { withSections } from '../../support/markdown.ts';
import { startPeerServer, type PeerServer } from './peer.ts';

/** What a table is played with. Usable within the tests of the file that calls this. */
export function usePeers(): { server: PeerServer; upstream: Upstream } {
  const peers = {} as { server: PeerServer; upstream: Upstream };
  beforeAll(async () => {
    peers.server = await startPeerServer();
    peers.upstream = createUpstream({ environment: {}, idleTimeoutMs: 1000, maxIdlePerHost: 64 });
  });
  afterAll(async () => {
    await peers.upstream.destroy();
    peers.server.close();
  });
  return peers;
}

/** Compares sections of docs/reference/faults.md with what the tables say. UPDATE=1 rewrites them. */
export function expectStated(sections: Record<string, string>): void {
  const file = path.join(import.meta.dirname, '../../../docs/reference/faults.md');
  const stated = withSections(readFileSync(file, 'utf8'), sections);
  if (process.env['UPDATE'] === '1') writeFileSync(file, stated);
  expect(readFileSync(file, 'utf8')).toBe(stated);
}
