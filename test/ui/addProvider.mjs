// From no config to a provider: choosing it, entering a key, and the resulting message.
import assert from 'node:assert/strict';
import { readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { openTimeoutMs } from './workbench.mjs';

const key = 'a-key-that-nobody-ever-issued';

/**
 * @param {{
 *   check: (name: string, action: () => Promise<void>) => Promise<void>,
 *   workbench: ReturnType<typeof import('./workbench.mjs').createWorkbench>, home: string,
 * }} stage
 */
export async function tourAddProvider({ check, workbench, home }) {
  const configFile = path.join(home, '.claude-code-router', 'config.json');

  await check('the palette adds a provider: it lists those that CCR knows', async () => {
    rmSync(configFile, { force: true });
    // The gateway ran in the window that was just closed.
    await workbench.page
      .locator('.statusbar-item[aria-label*="runs in this window"]')
      .waitFor({ timeout: openTimeoutMs });
    await workbench.palette('CCR: Add Provider');
    const rows = await workbench.quickPickRows();
    assert.ok(rows.some((row) => row.includes('DeepSeek')));
    await workbench.screenshot('add-provider');
  });

  await check('it asks for the key, and tries it', async () => {
    await workbench.quickPickRow('DeepSeek').click();
    await workbench.page.locator('.quick-input-widget input[type=password]').waitFor();
    await workbench.screenshot('add-provider-key');
    await workbench.answer(key);
    await workbench.notification('DeepSeek is now the default provider');
    await workbench.screenshot('add-provider-done');
    const text = readFileSync(configFile, 'utf8');
    assert.ok(text.includes('https://api.deepseek.com') && !text.includes(key));
  });
}
