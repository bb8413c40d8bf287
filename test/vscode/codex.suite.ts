// The main use case: the real Codex in an integrated terminal, with only the injected environment, works through CCR
// against providers that refuse what the real ones refuse.
import assert from 'node:assert/strict';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { after, before, describe, it } from 'mocha';
import * as vscode from 'vscode';
import { agentScript } from '../upstream/scripts.ts';
import { startStandIn, type StandIn } from '../upstream/standIn.ts';
import { closeTerminal, eventually, start, useConfig, useDemo } from './support.ts';

/** Enough for three turns of Codex on two cores that also run a browser. */
const codexPatienceMs = 60_000;

const workspace = vscode.workspace.workspaceFolders?.[0]?.uri.fsPath ?? '';
const fileOf = (name: string): string => path.join(workspace, name);

type Run = { exitCode: string; answer: string; messages: string };

/** Runs a command in a new terminal and reads the result from the files that it wrote. */
async function runInTerminal(command: string): Promise<Run> {
  const names = { exitCode: 'codex.exit', answer: 'codex.out', messages: 'codex.err' };
  for (const name of Object.values(names)) rmSync(fileOf(name), { force: true });
  const terminal = vscode.window.createTerminal({ name: 'Codex test' });
  try {
    const { exitCode, answer, messages } = names;
    terminal.sendText(
      `${command} > ${answer} 2> ${messages} < /dev/null; echo $? > ${exitCode}.part && mv ${exitCode}.part ${exitCode}`,
    );
    await eventually(() => assert.ok(existsSync(fileOf(exitCode)), 'Codex is still running.'), codexPatienceMs);
    const read = (name: string): string => readFileSync(fileOf(name), 'utf8');
    return { exitCode: read(exitCode).trim(), answer: read(answer), messages: read(messages) };
  } finally {
    await closeTerminal(terminal);
  }
}

describe('Codex in an integrated terminal', function () {
  this.timeout(codexPatienceMs + 10_000);
  const standIns: Partial<Record<'deepseek' | 'glm', StandIn>> = {};

  before(async () => {
    await start();
    standIns.deepseek = await startStandIn({ provider: 'deepseek', script: agentScript() });
    standIns.glm = await startStandIn({ provider: 'glm', script: agentScript() });
    await useConfig({
      Providers: [
        { name: 'deepseek', api_base_url: standIns.deepseek.url, models: ['deepseek-reasoner'] },
        { name: 'zai', api_base_url: standIns.glm.url, models: ['glm-5'] },
      ],
      Router: { default: 'deepseek,deepseek-reasoner' },
      Presets: { glm: { route: 'zai,glm-5' } },
    });
  });

  after(async () => {
    await useDemo();
    for (const standIn of Object.values(standIns)) await standIn.close();
  });

  const cases = [
    { provider: 'deepseek', flags: '' },
    { provider: 'glm', flags: '-m glm ' },
  ] as const;
  for (const { provider, flags } of cases) {
    it(`runs a command and applies a patch through ${provider}`, async () => {
      for (const name of ['shell.txt', 'patched.txt']) rmSync(fileOf(name), { force: true });
      const run = await runInTerminal(
        `codex exec --skip-git-repo-check -s danger-full-access ${flags}"Create the two files"`,
      );
      assert.equal(run.exitCode, '0', run.messages);
      assert.equal(readFileSync(fileOf('shell.txt'), 'utf8'), 'hello-from-shell\n');
      assert.equal(readFileSync(fileOf('patched.txt'), 'utf8'), 'hello-from-patch\n');
      assert.equal(run.answer.trim(), 'All done.');
      assert.doesNotMatch(run.answer + run.messages, /<\/?think>/);
      const requests = standIns[provider]?.requests ?? [];
      assert.deepEqual(
        requests.flatMap(({ refusal }) => refusal ?? []),
        [],
      );
      assert.ok(requests.length >= 3, `${provider} was asked ${requests.length} times`);
      const replays = requests.at(-1)?.replays ?? [];
      assert.deepEqual(
        replays.filter(({ verbatim }) => !verbatim),
        [],
        'reasoning came back changed',
      );
    });
  }
});
