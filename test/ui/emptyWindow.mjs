// A third window, without a folder, by keyboard alone: what is chosen there is chosen for nobody else, and written nowhere.
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { ask } from './views.mjs';
import { createWorkbench, openTimeoutMs } from './workbench.mjs';

/**
 * @param {{
 *   check: (name: string, action: () => Promise<void>) => Promise<void>,
 *   workbench: ReturnType<typeof import('./workbench.mjs').createWorkbench>,
 *   url: string, home: string, workspace: string, gatewayPort: number, settingsFile: string,
 * }} stage
 */
export async function tourEmptyWindow({ check, workbench, url, home, workspace, gatewayPort, settingsFile }) {
  const folders = [undefined, home];
  const pages = await Promise.all(folders.map(() => workbench.page.context().newPage()));
  const [empty, other] = pages.map((page, index) => createWorkbench(page, { url, folder: folders[index], home }));

  await check('three windows share one gateway', async () => {
    await workbench.statusBarItem('CCR: auto');
    await empty.open();
    await other.open();
    for (const window of [empty, other]) {
      await window.statusBarItem('CCR: auto');
      await window.page.locator('.statusbar-item[aria-label*="runs elsewhere"]').waitFor({ timeout: openTimeoutMs });
    }
  });

  await check(
    'the switcher works by keyboard alone, in a window without a folder, and for that window only',
    async () => {
      const { keyboard } = empty.page;
      await empty.page.bringToFront();
      await keyboard.press('Control+Alt+m');
      await empty.quickPickRows();
      await keyboard.type('quick');
      await empty.quickPickRow('quick').waitFor();
      await keyboard.press('Enter');
      await empty.statusBarItem('CCR: quick');
      await empty.screenshot('empty-window');
      for (const window of [workbench, other]) await window.statusBarItem('CCR: auto');
      assert.doesNotMatch(readFileSync(settingsFile, 'utf8'), /activePreset/);
      assert.equal(existsSync(path.join(workspace, '.vscode')), false);
      assert.equal(await ask(gatewayPort, undefined), 200);
    },
  );

  await check('its choice is there again after a reload', async () => {
    await empty.page.reload();
    await empty.statusBarItem('CCR: quick');
  });

  for (const page of pages) {
    await page.goto('about:blank');
    await page.close();
  }
}
