// Budgets and the loop guard with the real Codex and the real Claude Code: the screen says what to do after one request, and
// the provider is not asked again. `npm run test:clients` installs Claude Code on demand.
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { callShell, findShellTool } from '../upstream/clientTools.ts';
import { isObject, type JsonObject } from '../upstream/json.ts';
import { chatScript, isSideRequest, sideRequest, turn } from '../upstream/scripts.ts';
import type { Script } from '../upstream/turn.ts';
import { startGateway, type Gateway } from './gateway.ts';
import { guideConfig, keys, startUpstream, type Upstream } from './guideConfig.ts';
import { askCodexInTerminal, recordReader, runClient, screenOf } from './realClients.ts';
import { hasTerminal } from './terminal.ts';

/**
 * How often each client prints one error. `codex exec` (0.169, measured) prints any error twice, as an `error` and as the `turn.failed` after it:
 * a 400 with a text or JSON, `response.failed` with each code, and others after its own retries.
 */
const clients = [
  ['claude', 1],
  ['codex', 2],
] as const;

let upstream: Upstream;
let gateway: Gateway | undefined;
beforeEach(async () => {
  upstream = await startUpstream();
});
afterEach(async () => {
  await gateway?.stop();
  gateway = undefined;
  await Promise.all(Object.values(upstream).map((standIn) => standIn.close()));
});

async function start(more: (config: JsonObject) => JsonObject): Promise<Gateway> {
  const config = guideConfig(upstream);
  return (gateway = await startGateway({ ...config, ...more(config) }, keys));
}

function play(script: Script): void {
  for (const standIn of Object.values(upstream)) standIn.play(script);
}

function asked(): number {
  return Object.values(upstream).reduce((sum, { requests }) => sum + requests.length, 0);
}

describe("the guide's config with a hard budget", () => {
  test.each(clients)(
    '%s shows what to do after one request, also after a restart, and sends nothing to a provider',
    async (client, lines) => {
      const started = await start(() => ({ Budgets: [{ per: 'day', tokens: 1 }], Persistence: { mode: 'file' } }));
      play(chatScript({ text: 'Done.' }));
      const first = await runClient(started, client, { args: ['Say hello'] });
      expect(first, first.stderr).toMatchObject({ code: 0 });
      const before = asked();
      await started.restart();
      // The records of the first process are kept.
      const refused = recordReader(started);
      const kept = (await refused()).length;
      const second = await runClient(started, client, { args: ['Say hello'] });
      expect(second.code).not.toBe(0);
      const screen = screenOf(second);
      expect(screen.match(/CCR's budget 1 \(1 tokens per day\) is used up\./g), screen).toHaveLength(lines);
      expect(screen).toContain('or raise it in Budgets in the config.');
      expect(screen).not.toContain('authenticate');
      expect(asked()).toBe(before);
      expect(kept).toBe(1);
      expect(await refused()).toHaveLength(1);
    },
  );
});

describe("the guide's config with a loop guard", () => {
  /** A model that tries the same command for ever. */
  const stubborn: Script = (conversation) => {
    const shell = findShellTool(conversation.tools);
    if (isSideRequest(conversation) || shell === undefined) return sideRequest(conversation);
    return turn({ calls: [callShell(shell, 'date; ls missing')] });
  };

  test.each(clients)('%s is stopped, and says so', async (client, lines) => {
    const started = await start(({ Router }) => ({
      Router: { ...(isObject(Router) ? Router : {}), loopGuard: { noteAfter: 3, stopAfter: 5 } },
    }));
    play(stubborn);
    const flags = client === 'claude' ? ['--allowedTools', 'Bash'] : [];
    const run = await runClient(started, client, { args: ['List the files', ...flags] });
    const screen = screenOf(run);
    expect(run.code, screen).not.toBe(0);
    expect(screen.match(/CCR stopped this turn: the model called \w+ 5 times in a row/g), screen).toHaveLength(lines);
    expect(screen).toContain('Router.loopGuard in the config sets the limit, or turns it off.');
    expect(screen).not.toContain('authenticate');
    // The first request and one with each of the results 1 to 4, of which the newest two have the note.
    expect(asked()).toBe(5);
    const notes = Object.values(upstream).flatMap(({ requests }) => requests.map((each) => JSON.stringify(each).match(/in a row, each time/g)?.length ?? 0)); // prettier-ignore
    expect(notes).toEqual([0, 0, 0, 1, 2]);
    const last = (await recordReader(started)()).at(-1);
    expect(last?.error).toMatch(/^CCR stopped this turn: .* turns it off\.$/);
  });

  test.runIf(hasTerminal)("codex's terminal interface shows it once", async () => {
    const started = await start(({ Router }) => ({
      Router: { ...(isObject(Router) ? Router : {}), loopGuard: { noteAfter: 2, stopAfter: 3 } },
    }));
    play(stubborn);
    const { answered } = await askCodexInTerminal(started, 'List the files', /turns it off\./);
    expect(answered.match(/CCR stopped this turn/g), answered).toHaveLength(1);
  });
});
