// The real Codex and the real Claude Code with the guide's own configs: each kind of request reaches its route, and the record
// says why. `npm run test:clients` installs Claude Code on demand.
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { RequestView } from '../../src/control/protocol.ts';
import { callShell, findShellTool } from '../upstream/clientTools.ts';
import { isObject } from '../upstream/json.ts';
import { chatScript, sequence, sideRequest, turn } from '../upstream/scripts.ts';
import type { Script } from '../upstream/turn.ts';
import type { ClientFolders, CodexRun } from './codex.ts';
import { startGateway, type Gateway } from './gateway.ts';
import { advancedConfig, guideConfig, keys, startUpstream, type Upstream } from './guideConfig.ts';
import {
  askClaudeInTerminal,
  askCodexInTerminal,
  clientFolders,
  recordReader,
  runClient,
  screenOf,
  type ClientName,
} from './realClients.ts';
import { hasTerminal } from './terminal.ts';

let upstream: Upstream;
let gateway: Gateway;
let records: () => Promise<RequestView[]>;

/** Plays one agent that Claude Code starts, or answers at once. */
const agentStarter: Script = (conversation) => {
  const tool = conversation.tools.find(({ name }) => name === 'Agent' || name === 'Task');
  const isFirst = conversation.toolResults.length === 0 && conversation.lastUserText.includes('Use an agent');
  if (!tool || !isFirst) return chatScript({ text: 'Done.' })(conversation);
  const input = { description: 'look', prompt: 'Look around', subagent_type: 'general-purpose' };
  return turn({ calls: [{ tool, input: JSON.stringify(input) }] });
};

function play(script: Script): void {
  for (const standIn of Object.values(upstream)) standIn.play(script);
}

type Options = { environment?: Record<string, string>; input?: string; folders?: ClientFolders };

async function run(client: ClientName, args: readonly string[], options: Options = {}): Promise<CodexRun> {
  const done = await runClient(gateway, client, { args, ...options });
  expect(done.code, screenOf(done)).toBe(0);
  return done;
}

/** What matters of the requests since the last call: class, target, reason. */
async function ways(): Promise<(string | undefined)[][]> {
  return (await records()).map(({ intent, target, reason }) => [intent?.class, target, reason]);
}

/** Starts and stops the gateway and the stand-ins of a group of tests. */
function useConfig(configOf: (standIns: Upstream) => Record<string, unknown>): void {
  beforeAll(async () => {
    upstream = await startUpstream();
    gateway = await startGateway(configOf(upstream), keys);
    records = recordReader(gateway);
  });
  afterAll(async () => {
    await gateway?.stop();
    await Promise.all(Object.values(upstream ?? {}).map((standIn) => standIn.close()));
  });
  beforeEach(async () => {
    play(chatScript({ text: 'Done.' }));
    await records();
  });
}

/** A picture of one pixel, in the workspace. */
function writePicture({ workspace }: ClientFolders): string {
  const file = path.join(workspace, 'dot.png');
  const pixel = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';
  writeFileSync(file, Buffer.from(pixel, 'base64'));
  return file;
}

/** About 300,000 tokens, in fewer characters than Codex refuses. */
const longText = Array.from({ length: 150_000 }, (_, at) => String((at * 7919) % 100_000)).join(' ');

/** Calls one tool in answer to the user's task, which starts with `Task:`. */
function callOnce(name: RegExp, input: object): Script {
  return (conversation) => {
    const tool = conversation.tools.find((each) => name.test(each.name));
    const isFirst = conversation.toolResults.length === 0 && conversation.lastUserText.includes('Task:');
    if (!tool || !isFirst) return chatScript({ text: 'Done.' })(conversation);
    return turn({ calls: [{ tool, input: JSON.stringify(input) }] });
  };
}

/** Searches the web as Claude Code offers it: a tool that is loaded first, and then makes a request of its own. */
const searcher: Script = (conversation) => {
  const { tools, toolResults, lastUserText } = conversation;
  const named = (name: string) => tools.find((each) => each.name === name);
  const [finder, search] = [named('ToolSearch'), named('WebSearch')];
  const isOver = toolResults.some((text) => text.includes('Web search results'));
  if (lastUserText.includes('Perform a web search') || isOver) return turn({ text: 'Found nothing.' });
  if (search) return turn({ calls: [{ tool: search, input: JSON.stringify({ query: 'ccr' }) }] });
  if (!finder || toolResults.length > 0) return sideRequest(conversation);
  return turn({ calls: [{ tool: finder, input: JSON.stringify({ query: 'select:WebSearch', max_results: 1 }) }] });
};

const hintsOff = { CLAUDE_CODE_GATEWAY_HINT_HEADERS: '0' };
const hints: [string, Record<string, string>][] = [
  ['on', {}],
  ['off', hintsOff],
];
const titleHints: typeof hints = [
  ...hints,
  ['off, and no experimental betas', { ...hintsOff, CLAUDE_CODE_DISABLE_EXPERIMENTAL_BETAS: '1' }],
];

describe("the guide's config", () => {
  useConfig(guideConfig);

  describe.each(hints)('Claude Code with hint headers %s', (_, environment) => {
    test('a main turn goes to the default, thinking to think', async () => {
      await run('claude', ['Say hello'], { environment });
      expect((await records()).at(-1)).toMatchObject({ target: 'zai,glm-5', intent: { class: 'main', thinks: false } });
      await run('claude', ['Say hello', '--effort', 'high'], { environment });
      expect((await records()).at(-1)).toMatchObject({ target: 'deepseek,deepseek-reasoner', reason: 'think' });
    });

    test('a subagent is told from the main turn', async () => {
      play(agentStarter);
      await run('claude', ['Use an agent'], { environment });
      const classes = (await ways()).map(([kind, target]) => [kind, target]);
      expect(classes).toContainEqual(['main', 'zai,glm-5']);
      expect(classes).toContainEqual(['subagent', 'zai,glm-5']);
    });

    test('a compaction goes to the target of its conversation', async () => {
      const folders = clientFolders();
      await run('claude', ['Say hello', '--effort', 'high'], { environment, folders });
      await records();
      await run('claude', ['/compact', '--continue'], { environment, folders });
      folders.remove();
      const [compaction] = await ways();
      expect(compaction).toEqual(['compaction', 'deepseek,deepseek-reasoner', 'compaction']);
    });
  });

  test.each([
    ['a main turn', [], 'zai,glm-5', 'default'],
    ['thinking', ['-c', 'model_reasoning_effort="high"'], 'deepseek,deepseek-reasoner', 'think'],
    ['a reasoning model', ['-m', 'o3-mini'], 'deepseek,deepseek-reasoner', 'think'],
    ['a model that nobody has', ['-m', 'gpt-4o'], 'zai,glm-5', 'unknown-model'],
  ])('Codex: %s', async (_, args, target, reason) => {
    await run('codex', [...args, 'Say hello']);
    expect((await records()).at(-1)).toMatchObject({ target, reason, client: 'codex', intent: { class: 'main' } });
  });

  test('Codex: a subagent is told from the main turn', async () => {
    const starts = callOnce(/spawn_agent$/, { message: 'Look around', task_name: 'look', agent_type: 'default' });
    // Codex ends its agents when it ends.
    play((conversation) => {
      const shell = findShellTool(conversation.tools);
      const isStarted = shell !== undefined && conversation.toolResults.length === 1;
      return isStarted ? turn({ calls: [callShell(shell, 'sleep 3')] }) : starts(conversation);
    });
    await run('codex', ['Task: use an agent']);
    const classes = (await records()).map(({ intent }) => [intent?.class, intent?.agentType]);
    expect(classes).toContainEqual(['main', undefined]);
    expect(classes).toContainEqual(['subagent', 'collab_spawn']);
  });

  test('Codex: a compaction goes to the target of its conversation', async () => {
    const numbers = callOnce(/exec_command$/, { cmd: 'seq 1 9000' });
    play(sequence(numbers, chatScript({ text: 'Done.' })));
    const flags = ['-c', 'model_auto_compact_token_limit=8000', '-c', 'model_reasoning_effort="high"'];
    await run('codex', [...flags, 'Task: print numbers']);
    expect(await ways()).toContainEqual(['compaction', 'deepseek,deepseek-reasoner', 'compaction']);
  });
});

describe("the guide's advanced config", () => {
  useConfig(advancedConfig);

  test("Claude Code's small model goes to background", async () => {
    await run('claude', ['Say hello', '--model', 'haiku', '--effort', 'low']);
    expect((await records()).at(-1)).toMatchObject({ target: 'openrouter,minimax/minimax-m2.1', reason: 'background' });
  });

  test.runIf(hasTerminal).each(titleHints)(
    'with hint headers %s, the title that Claude Code asks for goes to background',
    async (_, environment) => {
      await askClaudeInTerminal(gateway, 'Please say hello to the world', /● Done\./, environment);
      const found: (string | undefined)[][] = [];
      // The title may be answered after the turn.
      await expect
        .poll(async () => found.push(...(await ways())) && found, { timeout: 10_000 })
        .toContainEqual(['auxiliary', 'openrouter,minimax/minimax-m2.1', 'background']);
      expect(found).toContainEqual(['main', 'openai,gpt-4o', 'unknown-model']);
    },
  );

  test.runIf(hasTerminal)('the title that Codex asks for goes to background, the turn does not', async () => {
    await askCodexInTerminal(gateway, 'Say hello', /• Done\.$.* · A short text/ms);
    const found = await ways();
    expect(found).toContainEqual(['auxiliary', 'openrouter,minimax/minimax-m2.1', 'background']);
    expect(found).toContainEqual(['main', 'openai,gpt-4o', 'default']);
  });
});

describe("the guide's config with the routes that it names beside its own", () => {
  useConfig((standIns) => {
    const config = guideConfig(standIns);
    const { Providers: own } = config;
    const { Providers: more } = advancedConfig(standIns);
    const providers = [own, more].flatMap((list) => (Array.isArray(list) ? list.filter(isObject) : []));
    return {
      ...config,
      Providers: providers.filter(({ name }, at) => providers.findIndex((each) => each['name'] === name) === at),
      Router: {
        ...(isObject(config['Router']) ? config['Router'] : {}),
        longContextThreshold: 250_000,
        image: 'openai,gpt-4o',
        webSearch: 'openrouter,openrouter/pony-alpha',
      },
    };
  });

  const long = ['main', 'minimax,MiniMax-M2.1', 'long-context'];

  describe.each(hints)('Claude Code with hint headers %s', (_, environment) => {
    test('a picture goes to image', async () => {
      const folders = clientFolders();
      play(callOnce(/^Read$/, { file_path: writePicture(folders) }));
      await run('claude', ['Task: look at it'], { environment, folders });
      folders.remove();
      expect((await ways()).at(-1)).toEqual(['main', 'openai,gpt-4o', 'image']);
    });

    test('a web search goes to webSearch, the rest of the turn does not', async () => {
      play(searcher);
      await run('claude', ['Search the web', '--allowedTools', 'WebSearch'], { environment });
      const targets = (await ways()).map(([, target, reason]) => [target, reason]);
      const main = ['zai,glm-5', 'unknown-model'];
      expect(targets).toEqual([main, main, ['openrouter,openrouter/pony-alpha', 'web-search'], main]);
    });

    test('300,000 tokens go to longContext', async () => {
      await run('claude', ['Summarize'], { environment, input: longText });
      expect((await ways()).at(-1)).toEqual(long);
    });
  });

  test('Codex: a picture goes to image', async () => {
    const folders = clientFolders();
    await run('codex', ['-i', writePicture(folders), '--', 'Look at it'], { folders });
    folders.remove();
    expect((await ways()).at(-1)).toEqual(['main', 'openai,gpt-4o', 'image']);
  });

  test('Codex: a tag asks for a web search', async () => {
    await run('codex', ['[search] What is new?']);
    expect((await ways()).at(-1)).toEqual(['main', 'openrouter,openrouter/pony-alpha', 'web-search']);
  });

  test('Codex: 300,000 tokens go to longContext', async () => {
    await run('codex', ['-'], { input: longText });
    expect((await ways()).at(-1)).toEqual(long);
  });
});
