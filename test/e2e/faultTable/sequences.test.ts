import { describe, expect, it } from 'vitest';
import { table } from '../../support/markdown.ts';
import { waysFor } from '../../unit/matrix/sampling.ts';
import { expectStated, usePeers } from './peers.ts';
import { proxyFaults, runProxyCell } from './proxies.ts';
import { ruleOf } from './rules.ts';
import { runSequence, sequences } from './sequences.ts';
import { dialects } from './wires.ts';

// Faults of proxies × client × streamed or whole × one target or two, and sequences of requests to a target that fails or
// is close to a limit. UPDATE=1 rewrites docs/reference/faults.md.

const peers = usePeers();

/** Runs what came out wrong up to two more times: on a busy machine an answer may come later than the short limits. */
async function wrongEachTime(run: () => Promise<string[]>): Promise<string[]> {
  let wrong = await run();
  for (let again = 0; again < 2 && wrong.length > 0; again++) wrong = await run();
  return wrong;
}

const ways = [true, false].flatMap((stream) => [1, 2].map((tiers) => ({ stream, tiers })));

describe('faults of proxies', () => {
  it.each(proxyFaults.map((fault, row) => ({ ...fault, row })))(
    '$name',
    async ({ row, ...fault }) => {
      const cells = dialects.flatMap((client, column) =>
        waysFor(ways, row, column).map((way) => ({ fault, client, ...way })),
      );
      const wrong = await Promise.all(cells.map((cell) => wrongEachTime(() => runProxyCell(cell, peers.server))));
      expect(wrong.flat()).toEqual([]);
    },
    30_000,
  );
});

describe('sequences of requests', () => {
  it.each(sequences)(
    '$name',
    async (sequence) => {
      const played = dialects.map((client, place) =>
        wrongEachTime(() => runSequence(sequence, client, place !== 1, peers.server, peers.upstream)),
      );
      expect((await Promise.all(played)).flat()).toEqual([]);
    },
    60_000,
  );
});

it('docs/reference/faults.md has them (UPDATE=1 rewrites it)', () => {
  expectStated({
    proxies: table(
      ['On the way to the provider', 'The client gets', 'An attempt ends', 'CCR'],
      proxyFaults.map(({ name, kind, ends }) => {
        const { status, claudeCode } = ruleOf(kind);
        return [name, `${status}; Codex: \`response.failed\`; Claude Code: ${claudeCode}`, ends === 'at once' ? ends : `after ${ends}`, 'retries the same target, then the next one'];
      }),
    ),
    sequences: table(
      ['What happens', 'The targets that each request asks', 'CCR'],
      sequences.map(({ name, steps, comesTo }) => [
        name,
        steps.map(({ says, asked, meanwhile }) => `${says}: ${asked}${meanwhile ? ` (meanwhile: ${meanwhile.join('; ')})` : ''}`).join('; '),
        comesTo,
      ]),
    ),
  }); // prettier-ignore
});
