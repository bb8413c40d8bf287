// A coding agent's conversation of five turns with each strict stand-in, through a gateway: for every client's dialect,
// streamed or not, with a client that says its reasoning back and one that forgets it.

import { afterEach, describe, expect, test } from 'vitest';
import type { DialectId } from '../../../src/canonical/request.ts';
import { createGatewayBench } from '../../support/gatewayBench.ts';
import { loopClients } from '../../support/loopClients.ts';
import { askStandIn } from '../../support/standInAnswer.ts';
import { turn } from '../../upstream/scripts.ts';
import { startStandIn } from '../../upstream/standIn.ts';
import type { ProviderName, StandIn, StandInOptions } from '../../upstream/standIn.ts';
import type { Conversation, Outcome, Script } from '../../upstream/turn.ts';
import { waysFor } from '../matrix/sampling.ts';

let running: StandIn[] = [];
afterEach(async () => {
  await Promise.all(running.map((standIn) => standIn.close()));
  running = [];
});

type Case = {
  standIn: ProviderName;
  /** The name in config.json, by which the quirks are found. */
  name: string;
  model: string;
  protocol?: 'openai' | 'responses' | 'anthropic';
  styles?: Partial<StandInOptions>;
  /** Whether reasoning reaches the client. */
  shown?: false;
  /** Whether the provider gets it back, word by word. */
  replayed: boolean;
};

const cases: Case[] = [
  { standIn: 'deepseek', name: 'deepseek', model: 'deepseek-flash', replayed: true },
  { standIn: 'glm', name: 'zai', model: 'glm-5', replayed: true },
  { standIn: 'minimax', name: 'minimax', model: 'MiniMax-M2.1', replayed: true },
  { standIn: 'kimi', name: 'kimi', model: 'kimi-k2.6', styles: { kimi: 'native' }, replayed: true },
  { standIn: 'openrouter', name: 'openrouter', model: 'anthropic/claude-sonnet-5', replayed: true },
  {
    standIn: 'openrouter',
    name: 'openrouter',
    model: 'google/gemini-3.1-pro',
    styles: { openrouter: 'gemini' },
    replayed: true,
  },
  {
    standIn: 'openrouter',
    name: 'openrouter',
    model: 'openai/gpt-5.6',
    styles: { openrouter: 'openai' },
    replayed: true,
  },
  { standIn: 'xai-chat', name: 'xai', model: 'grok-4.6', replayed: false },
  { standIn: 'xai-responses', name: 'xai', model: 'grok-4.6', protocol: 'responses', replayed: true },
  { standIn: 'qwen', name: 'qwen', model: 'qwen3.7-max', replayed: true },
  { standIn: 'qwen', name: 'dashscope', model: 'glm-5.2', styles: { qwen: 'stray' }, replayed: true },
  { standIn: 'groq', name: 'groq', model: 'openai/gpt-oss-120b', replayed: false },
  { standIn: 'openai-chat', name: 'openai', model: 'gpt-5.2', shown: false, replayed: false },
  { standIn: 'openai-responses', name: 'openai', model: 'gpt-5.6', protocol: 'responses', replayed: true },
];

const dialects: DialectId[] = ['openai-chat', 'openai-responses', 'anthropic-messages'];

const thought = (step: number): string => `Step ${step}: \n "a < b", 漢字 🙂 `;
const answer = 'All five are done.';

/** Words beside the first call, two calls at once in the third turn. */
const fiveTurns: Script = (conversation): Outcome => {
  const results = conversation.toolResults.length;
  const step = results > 3 ? results : results + 1;
  if (results >= 5) return turn({ reasoning: thought(6), text: answer });
  const call = callOf(conversation, `step ${step}`);
  const calls = results === 2 ? [call, callOf(conversation, 'step 3b')] : [call];
  return turn({ reasoning: thought(step), text: results === 0 ? 'I begin.' : '', calls });
};

function callOf({ tools }: Conversation, cmd: string) {
  const tool = tools.find(({ name }) => name === 'exec_command');
  if (!tool) throw new Error('The client declared no tool.');
  return { tool, input: JSON.stringify({ cmd }) };
}

async function converse(each: Case, dialect: DialectId, stream: boolean, forgetful: boolean) {
  const standIn = await startStandIn({ provider: each.standIn, script: fiveTurns, ...each.styles });
  running.push(standIn);
  const { name, model, protocol } = each;
  const provider = { name, api_base_url: standIn.url, api_key: 'key', models: [model], protocol: protocol ?? 'openai' };
  const config = { Providers: [provider], Router: { default: `${name},${model}` } };
  const bench = createGatewayBench(config, askStandIn);
  const client = loopClients[dialect];
  const conversation = [client.user('Do five things.')];
  const reasonings: string[] = [];
  for (;;) {
    const { received, done } = bench.ask({ dialect, body: { model, ...client.ask(conversation, stream) } });
    await done;
    expect(received.status, `${received.text.slice(0, 500)} after ${standIn.requests.at(-1)?.refusal}`).toBe(200);
    const understood = client.read(received.text, stream);
    reasonings.push(understood.reasoning);
    if (understood.calls.length === 0) return { standIn, bench, reasonings, text: understood.text };
    conversation.push(...(forgetful ? client.forget(understood.said) : understood.said));
    conversation.push(...client.results(understood.calls, 'ok'));
  }
}

const habits = [true, false].flatMap((stream) => [true, false].map((forgetful) => ({ stream, forgetful })));

// Each client at each provider in one of these ways by default, in all of them in a full run.
describe.each(cases.map((each, row) => ({ ...each, row })))('$standIn as $name,$model', ({ row, ...each }) => {
  const ways = dialects.flatMap((dialect, column) =>
    waysFor(habits, row, column).map((habit) => ({ dialect, ...habit })),
  );
  test.each(ways)('$dialect, streamed: $stream, forgetful: $forgetful', async ({ dialect, stream, forgetful }) => {
    const { standIn, bench, reasonings, text } = await converse(each, dialect, stream, forgetful);
    expect(text).toBe(answer);
    expect(standIn.requests.map(({ refusal }) => refusal)).toEqual(reasonings.map(() => undefined));
    expect(standIn.requests).toHaveLength(5);
    expect(bench.records.every(({ attempts }) => attempts.length === 1)).toBe(true);
    if (each.shown !== false) expect(reasonings).toEqual([1, 2, 3, 4, 6].map(thought));
    if (each.standIn === 'openrouter') {
      const titles = standIn.requests.map(({ headers }) => [headers['x-title'], headers['http-referer']]);
      expect(new Set(titles.map(String))).toEqual(
        new Set(['ccr-vscode,https://marketplace.visualstudio.com/items?itemName=ccr.ccr-vscode']),
      );
    }
    const replays = standIn.requests.at(-1)?.replays.map(({ verbatim }) => verbatim);
    if (each.replayed) expect(replays).toEqual([true, true, true, true]);
  });
});
