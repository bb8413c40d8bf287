// The real Codex CLI, pinned in package.json, with every transformer of `transformer.use` that is not a provider.
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { agentReasoning, turn } from '../upstream/scripts.ts';
import { startStandIn } from '../upstream/standIn.ts';
import type { ProviderName, StandIn } from '../upstream/standIn.ts';
import type { Conversation, DeclaredTool, Script, ToolCall } from '../upstream/turn.ts';
import { createClientFolders, execFlags, runCodex } from './codex.ts';
import type { ClientFolders, CodexRun } from './codex.ts';
import { cli, providerEntry, quickRetries, startGateway, upstreamKey } from './gateway.ts';
import type { Gateway } from './gateway.ts';

const answer = 'Line one: all done.\nLine two: "quoted", 漢字 and 🙂.';
const use = ['tooluse', 'enhancetool', ['toolcompress', { level: 2 }], 'output_compress'];

/** Sixty passing tests between two lines that matter. */
const testRun = `make -s test`;
const makefile = 'test:\n\t@echo begin; for i in 1 2 3 4 5 6; do for j in 0 1 2 3 4 5 6 7 8 9; do echo "test t$$i$$j ... ok"; done; done; echo "test bad ... FAILED"\n'; // prettier-ignore

const first = `printf "%b" "$MAKEFILE" > Makefile`;

/** Calls the shell, in careless mode with almost-JSON arguments, then answers with the exit tool. */
const script =
  (isCareless: boolean): Script =>
  (conversation) => {
    const exit = find(conversation, /^ExitTool$/);
    const shell = find(conversation, /exec_command$/);
    if (conversation.outputSchema !== undefined || !exit || !shell) return turn({ text: '{"title":"A title"}' });
    const calls: ToolCall[][] = [
      [{ tool: shell, input: isCareless ? `{cmd: '${first}',}` : JSON.stringify({ cmd: first }) }],
      [{ tool: shell, input: JSON.stringify({ cmd: testRun, yield_time_ms: 5000 }) }],
    ];
    const next = calls[conversation.toolResults.length] ?? [
      { tool: exit, input: JSON.stringify({ response: answer }) },
    ];
    return turn({ reasoning: agentReasoning[0], calls: next });
  };

function find({ tools }: Conversation, name: RegExp): DeclaredTool | undefined {
  return tools.find((tool) => name.test(tool.name));
}

/** Anthropic's API always sends valid JSON, and so does its stand-in. */
const providers: {
  provider: ProviderName;
  isCareless: boolean;
  name: string;
  model: string;
  more?: Record<string, unknown>;
}[] = [
  { provider: 'deepseek', isCareless: true, name: 'deepseek', model: 'deepseek-reasoner' },
  {
    provider: 'anthropic',
    isCareless: false,
    name: 'anthropic',
    model: 'claude-sonnet-4-5',
    more: { protocol: 'anthropic' },
  },
];

describe.each(providers)('through $provider', ({ provider, isCareless, name, model, more }) => {
  let standIn: StandIn;
  let gateway: Gateway;
  beforeAll(async () => {
    standIn = await startStandIn({ provider, script: script(isCareless), apiKey: upstreamKey });
    gateway = await startGateway({
      Providers: [providerEntry(name, standIn, [model], { ...more, transformer: { use } })],
      Router: { default: `${name},${model}`, tierRetries: quickRetries },
    });
  });
  afterAll(async () => {
    await gateway?.stop();
    await standIn?.close();
  });

  test('Codex runs its tools and shows the answer', async () => {
    const folders = createClientFolders(gateway.folders.root);
    const run = await throughShim(gateway, folders, [...execFlags, 'Run the tests']);
    expect(run, run.stderr).toMatchObject({ code: 0, stdout: `${answer}\n` });
    expect(standIn.requests.flatMap(({ refusal }) => refusal ?? [])).toEqual([]);
    const last = JSON.stringify(standIn.requests.at(-1)?.body);
    expect(last).toMatch(/\[ccr: \d+ lines of passing tests left out\]/);
    expect(last).toContain('test bad ... FAILED');
    const metrics = await (await fetch(`${gateway.url}/metrics`)).text();
    for (const each of ['tooluse', 'enhancetool', 'toolcompress', 'output_compress'])
      expect(metrics).toMatch(new RegExp(`ccr_transformer_applied_total\\{transformer="${each}"\\} [1-9]`));
  });
});

function throughShim(gateway: Gateway, folders: ClientFolders, args: readonly string[]): Promise<CodexRun> {
  return runCodex({
    binary: cli,
    args: ['codex', '--port', String(gateway.port), ...args],
    environment: { CODEX_HOME: path.join(folders.home, '.codex'), MAKEFILE: makefile },
    workspace: folders.workspace,
    home: gateway.folders.home,
  });
}
