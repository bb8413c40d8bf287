// What a newcomer sees in the first minute, step by step, in a real VS Code with the packaged extension and no config.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

/** By default `codex exec` is read-only and requires a git repository. */
const codexCommand = 'codex exec -s workspace-write --skip-git-repo-check "Say hello"';
const codexTimeoutMs = 60_000;

/**
 * @param {{
 *   check: (name: string, action: () => Promise<void>) => Promise<void>,
 *   workbench: ReturnType<typeof import('./workbench.mjs').createWorkbench>,
 *   workspace: string, gatewayPort: number,
 * }} stage
 */
export async function tourFirstMinute({ check, workbench, workspace, gatewayPort }) {
  let terminal;

  await check('the status bar shows the running gateway with the demo provider', async () => {
    await workbench.statusBarItem('CCR: demo');
    await workbench.screenshot('status-bar');
  });

  await check('the palette offers the presets', async () => {
    await workbench.palette('CCR: Switch Preset');
    assert.notDeepEqual(await workbench.quickPickRows(), []);
    await workbench.screenshot('switch-preset');
    await workbench.page.keyboard.press('Escape');
  });

  await check('a terminal has the gateway in its environment', async () => {
    terminal = await workbench.terminal();
    const environment = readEnvironment((await terminal.read('env')).text);
    const gateway = `http://127.0.0.1:${gatewayPort}`;
    assert.equal(environment.CCR_URL, gateway);
    assert.equal(environment.OPENAI_BASE_URL, `${gateway}/w/${environment.CCR_SCOPE}/v1`);
    assert.ok(environment.OPENAI_API_KEY);
    assert.equal(environment.CODEX_API_KEY, environment.OPENAI_API_KEY);
    assert.match(environment.NO_PROXY ?? '', /127\.0\.0\.1/);
  });

  await check('a terminal finds our codex before the real one', async () => {
    const { text } = await terminal.read('type -ap codex');
    const found = text.trim().split('\n');
    assert.doesNotMatch(found[0], /node_modules/);
    // Ours may be listed twice: VS Code prepends it at the start and again after the shell's start-up file.
    assert.match(found.at(-1), /node_modules\/\.bin\/codex$/);
  });

  await check('codex edits a file through the demo provider', async () => {
    const before = readdirSync(workspace);
    await terminal.run('clear');
    const exitCode = await terminal.run(codexCommand, { timeoutMs: codexTimeoutMs });
    assert.equal(exitCode, 0, await terminal.screen());
    const created = readdirSync(workspace).filter((name) => !before.includes(name));
    assert.equal(created.length, 1, `created: ${created.join(', ')}`);
    assert.match(readFileSync(path.join(workspace, created[0]), 'utf8'), /demo/);
    await workbench.explorerItem(created[0]); // for the picture
    await workbench.screenshot('codex-through-ccr');
  });
}

/** Parses the output of `env`, without multi-line values. */
function readEnvironment(text) {
  const lines = text.split('\n').filter((line) => line.includes('='));
  return Object.fromEntries(lines.map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]));
}
