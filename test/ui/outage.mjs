// A provider refuses its key: the status bar turns yellow while another one answers, and red when none does. The message leads to
// the new key, and the status bar is as before.
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { eventually } from './checks.mjs';
import { startProviders } from './views.mjs';

/**
 * @param {{
 *   check: (name: string, action: () => Promise<void>) => Promise<void>,
 *   workbench: ReturnType<typeof import('./workbench.mjs').createWorkbench>, home: string,
 * }} stage
 */
export async function tourOutage({ check, workbench, home }) {
  const { page } = workbench;
  let base;
  const { urls, end } = await startProviders();
  try {
    const providers = [
      { name: 'acme', api_base_url: urls.refusing, api_key: '${ACME_KEY}', models: ['large'] },
      { name: 'spare', api_base_url: urls.good, models: ['small'] },
    ];

    await check('the status bar turns yellow while another provider answers', async () => {
      await use({
        Providers: [{ ...providers[0], api_key: 'refused' }, providers[1]],
        Router: { default: 'acme,large', think: 'spare,small' },
      });
      assert.equal(await askInWindow(), 200);
      await statusOf('warning');
      await workbench.screenshot('status-degraded');
    });

    await check('it turns red when none answers, and the message leads to the new key', async () => {
      await use({ Providers: [{ ...providers[0], api_key: 'refused' }], Router: { default: 'acme,large' } });
      await workbench.palette('Notifications: Clear All Notifications');
      assert.notEqual(await askInWindow(), 200);
      await statusOf('error');
      await workbench.screenshot('status-down');
      const toast = await workbench.notification('acme refused its API key');
      await toast.locator('.monaco-button', { hasText: 'Set Key' }).click();
      await workbench.answer('another');
      await workbench.notification('Stored the API key for acme. The key works.');
    });

    await check('with the new key the provider answers, and the status bar is as before', async () => {
      assert.equal(await askInWindow(), 200);
      // Not as a toast: VS Code shows no fourth one within a moment, which these may take.
      await workbench.palette('Notifications: Show Notifications');
      await page.locator('.notifications-center', { hasText: 'acme works again' }).waitFor();
      await statusOf(undefined);
      await workbench.screenshot('status-mended');
      await workbench.palette('Notifications: Clear All Notifications');
    });
  } finally {
    await end();
  }

  async function use(config) {
    const model = config.Providers.length;
    const withOwn = { ...config, Presets: { [`of-${model}`]: { route: config.Router.default } } };
    writeFileSync(path.join(home, '.claude-code-router', 'config.json'), JSON.stringify(withOwn));
    // The gateway watches the file.
    base ??= await copyBaseUrl();
    await eventually(async () => {
      const text = await (await fetch(`${base}/models`)).text();
      assert.ok(text.includes(`of-${model}`), 'The gateway does not use the config.');
    });
  }

  /** As a client in this window's terminals does. */
  async function askInWindow() {
    const reply = await fetch(`${base}/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ messages: [{ role: 'user', content: 'Hello' }] }),
    });
    await reply.text();
    return reply.status;
  }

  async function copyBaseUrl() {
    await workbench.palette('CCR: Copy Base URL');
    return eventually(async () => {
      const text = await page.evaluate(() => navigator.clipboard.readText());
      assert.match(text, /^http:.*\/w\/.*\/v1$/);
      return text;
    });
  }

  /** The background that VS Code gives the item. */
  async function statusOf(kind) {
    const item = page.locator('.statusbar-item[id*="ccr.status"]');
    await eventually(async () => {
      const classes = (await item.getAttribute('class')) ?? '';
      assert.equal(/(warning|error)-kind/.exec(classes)?.[1], kind);
    });
  }
}
