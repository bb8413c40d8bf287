// What connects clients and finds out what is wrong, from the palette: each shows its change first, and takes it back exactly.
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { eventually } from './checks.mjs';
import { ask, startProviders, useProviders } from './views.mjs';

const codexConfig = '# mine\nmodel = "auto" # keep\n\n[tui]\nnotifications = false';
const chatModels = '[\n\t// mine\n\t{ "name": "Own", "vendor": "customendpoint", "models": [] },\n]\n';
/** Of the user, in the settings from the start. */
export const claudeVariables = [
  { name: 'ANTHROPIC_BASE_URL', value: 'https://mine.example' },
  { name: 'OTHER', value: '1' },
];

/**
 * @param {{
 *   check: (name: string, action: () => Promise<void>) => Promise<void>,
 *   workbench: ReturnType<typeof import('./workbench.mjs').createWorkbench>,
 *   home: string, gatewayPort: number, dataFolder: string,
 * }} stage
 */
export async function tourConnections({ check, workbench, home, gatewayPort, dataFolder }) {
  const { page } = workbench;
  const { urls, end } = await startProviders();
  try {
    await workbench.statusBarItem('CCR');
    await useProviders(home, gatewayPort, urls);

    await check('Connect Codex shows a diff, writes it, and Restore brings the bytes back', async () => {
      const file = path.join(home, '.codex', 'config.toml');
      mkdirSync(path.dirname(file), { recursive: true });
      writeFileSync(file, codexConfig);
      await workbench.palette('CCR: Connect Codex');
      await agree('Connect Codex', 'model_providers.ccr', 'connect-codex');
      await workbench.notification('Codex uses CCR now');
      assert.ok(readFileSync(file, 'utf8').includes(`http://127.0.0.1:${gatewayPort}/w/shared/v1`));
      await workbench.palette('CCR: Restore Codex Config');
      await agree('Restore', 'model_providers.ccr', 'restore-codex');
      await workbench.notification("CCR is no longer in Codex's config");
      assert.equal(readFileSync(file, 'utf8'), codexConfig);
    });

    await check('Connect VS Code Chat shows a diff, writes it, and Disconnect brings the bytes back', async () => {
      const file = path.join(dataFolder, 'User', 'chatLanguageModels.json');
      writeFileSync(file, chatModels);
      await workbench.palette('CCR: Connect VS Code Chat');
      await agree('Connect VS Code Chat', 'toolCalling', 'connect-chat');
      await workbench.notification("VS Code's chat has CCR's models now");
      assert.match(readFileSync(file, 'utf8'), /"id": "good,large"/);
      await workbench.palette('CCR: Disconnect VS Code Chat');
      await agree('Disconnect', 'toolCalling', 'disconnect-chat');
      await workbench.notification("VS Code's chat no longer has CCR's Custom Endpoint");
      assert.equal(readFileSync(file, 'utf8'), chatModels);
    });

    await check("Connect Claude Code sets its extension's variables, and Disconnect restores them", async () => {
      const file = path.join(dataFolder, 'User', 'settings.json');
      const variables = () => JSON.parse(readFileSync(file, 'utf8'))['claudeCode.environmentVariables'];
      await workbench.palette('CCR: Connect Claude Code');
      await workbench.notification('Claude Code uses CCR now');
      await eventually(() => {
        const names = variables().map(({ name }) => name);
        assert.ok(names.includes('OTHER') && names.includes('ANTHROPIC_AUTH_TOKEN'));
        assert.ok(JSON.stringify(variables()).includes(`http://127.0.0.1:${gatewayPort}/w/shared`));
      });
      await workbench.palette('CCR: Disconnect Claude Code');
      await workbench.notification("Claude Code's extension no longer uses CCR");
      await eventually(() => assert.deepEqual(variables(), claudeVariables));
    });

    await check('Run Doctor names the provider that refuses its key, and leads to the key', async () => {
      await workbench.palette('CCR: Run Doctor');
      const row = workbench.quickPickRow('refusing');
      await row.waitFor();
      assert.equal(await row.getAttribute('data-index'), '0');
      await workbench.screenshot('doctor');
      await row.click();
      await page.locator('.quick-input-widget input[type=password]').waitFor();
      await page.keyboard.press('Escape');
    });

    await check('Test Model tests a model with progress, and says what it lacks', async () => {
      await workbench.palette('CCR: Test Model');
      await workbench.quickPickRow('good,large').click();
      await workbench.notification(/good,large fails \d+ of \d+ checks/);
      await workbench.screenshot('test-model');
    });

    await check('Add Provider finds out what a server at any URL speaks, and lists its models', async () => {
      await workbench.palette('CCR: Add Provider');
      await workbench.quickPickRows();
      await page.keyboard.type('Custom endpoint');
      await workbench.quickPickRow('Custom endpoint').click();
      await page.locator('.quick-input-message', { hasText: 'The base URL' }).waitFor();
      await workbench.answer(urls.listing);
      await page.locator('.quick-input-message', { hasText: 'A short name for the provider' }).waitFor();
      await page.keyboard.press('Control+a');
      await workbench.answer('mine');
      await page.locator('.quick-input-widget input[type=password]').waitFor();
      await page.keyboard.press('Enter');
      await workbench.quickPickRow('listed-two').waitFor();
      await workbench.screenshot('custom-endpoint-models');
      await page.locator('.quick-input-widget .quick-input-action .monaco-button').first().click();
      await workbench.quickPickRow('Use for thinking').waitFor();
      await workbench.screenshot('custom-endpoint-use');
      await workbench.quickPickRow('Use for thinking').click();
      await workbench.notification(
        'mine was added to the config, and is now the route "think". It speaks Chat Completions.',
      );
      assert.equal(await ask(gatewayPort, 'think'), 200);
    });
  } finally {
    await end();
  }

  /** Presses the button below the question, when the diff beside it shows this text. */
  async function agree(button, text, picture) {
    await page.locator('.monaco-diff-editor .view-line', { hasText: text }).first().waitFor();
    await workbench.screenshot(picture);
    await page.locator('.monaco-dialog-box .monaco-button', { hasText: button }).first().click();
  }
}
