// A folder that is not trusted: its settings and its `.env` count for nothing, and a choice is kept outside of it.
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { changeSettings } from './views.mjs';
import { createWorkbench } from './workbench.mjs';

/** With a prompt, nothing could be tried before it is answered. */
const restricted = {
  'security.workspace.trust.enabled': true,
  'security.workspace.trust.startupPrompt': 'never',
  'security.workspace.trust.banner': 'never',
};

/**
 * @param {{
 *   check: (name: string, action: () => Promise<void>) => Promise<void>,
 *   workbench: ReturnType<typeof import('./workbench.mjs').createWorkbench>,
 *   url: string, home: string, settingsFile: string,
 * }} stage
 */
export async function tourUntrustedFolder({ check, workbench, url, home, settingsFile }) {
  const folder = path.join(home, 'untrusted');
  const own = path.join(folder, '.vscode', 'settings.json');
  const settings = JSON.stringify({ 'ccr.activePreset': 'quick' });
  mkdirSync(path.dirname(own), { recursive: true });
  writeFileSync(own, settings);
  const page = await workbench.page.context().newPage();
  const window = createWorkbench(page, { url, folder, home });

  await check(
    'in a folder that is not trusted, its settings count for nothing, and a choice is kept outside',
    async () => {
      changeSettings(settingsFile, restricted);
      await window.open();
      await page.locator('.statusbar-item', { hasText: 'Restricted Mode' }).first().waitFor();
      await window.statusBarItem('CCR: auto');
      await window.palette('CCR: Switch Preset');
      await window.quickPickRow('quick').click();
      await window.statusBarItem('CCR: quick');
      await window.screenshot('untrusted');
      assert.equal(readFileSync(own, 'utf8'), settings);
    },
  );

  changeSettings(settingsFile, { 'security.workspace.trust.enabled': false });
  await page.goto('about:blank');
  await page.close();
}
