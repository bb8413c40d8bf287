// Another window, without a folder, by keyboard alone: what is chosen there is chosen for nobody else, and written nowhere.
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { ask, isFull } from './views.mjs';
import { eventually } from './checks.mjs';
import { createWorkbench, listTimeoutMs, openTimeoutMs } from './workbench.mjs';

/**
 * @param {{
 *   check: (name: string, action: () => Promise<void>) => Promise<void>,
 *   workbench: ReturnType<typeof import('./workbench.mjs').createWorkbench>,
 *   url: string, home: string, workspace: string, gatewayPort: number, settingsFile: string,
 * }} stage
 */
export async function tourEmptyWindow({ check, workbench, url, home, workspace, gatewayPort, settingsFile }) {
  /** Two windows by default, three in a full run. */
  const folders = isFull ? [undefined, home] : [undefined];
  const pages = await Promise.all(folders.map(() => workbench.page.context().newPage()));
  const windows = pages.map((page, index) => createWorkbench(page, { url, folder: folders[index], home }));
  const [empty, ...others] = windows;

  await check(`${windows.length + 1} windows share one gateway`, async () => {
    await workbench.statusBarItem('CCR: auto');
    for (const window of windows) await window.open();
    for (const window of windows) {
      await window.statusBarItem('CCR: auto');
      await window.page.locator('.statusbar-item[aria-label*="runs elsewhere"]').waitFor({ timeout: openTimeoutMs });
    }
  });

  await check(
    'the switcher works by keyboard alone, in a window without a folder, and for that window only',
    async () => {
      const { keyboard } = empty.page;
      await empty.page.bringToFront();
      // A key that comes before the window knows that the gateway runs does nothing.
      await eventually(async () => {
        await empty.closeQuickInput();
        await keyboard.press('Control+Alt+m');
        await empty.quickPickRow('').waitFor({ timeout: listTimeoutMs });
      });
      await keyboard.type('quick');
      await empty.quickPickRow('quick').waitFor();
      await keyboard.press('Enter');
      await empty.statusBarItem('CCR: quick');
      await empty.screenshot('empty-window');
      for (const window of [workbench, ...others]) await window.statusBarItem('CCR: auto');
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
