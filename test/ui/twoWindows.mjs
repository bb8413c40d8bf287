// One gateway for all windows: the second window attaches to it, and takes over when the first window closes.
import { createWorkbench, openTimeoutMs } from './workbench.mjs';

/**
 * @param {{
 *   check: (name: string, action: () => Promise<void>) => Promise<void>,
 *   workbench: ReturnType<typeof import('./workbench.mjs').createWorkbench>,
 *   url: string, home: string,
 * }} stage `home` is what the second window opens
 */
export async function tourTwoWindows({ check, workbench, url, home }) {
  const page = await workbench.page.context().newPage();
  const second = createWorkbench(page, { url, folder: home, home });

  await check('a second window attaches to the gateway of the first', async () => {
    await second.open();
    await says(second, 'runs elsewhere');
    await second.screenshot('attached');
  });

  await check('the second window takes over when the first one closes', async () => {
    await workbench.page.goto('about:blank');
    await says(second, 'runs in this window');
  });

  await check('the first window attaches when it comes back', async () => {
    await workbench.open();
    await says(workbench, 'runs elsewhere');
  });

  // Leaving the page ends its extension host.
  await page.goto('about:blank');
  await page.close();

  /** What a screen reader says of the item. */
  async function says({ page, statusBarItem }, text) {
    await statusBarItem('CCR: demo');
    await page.locator(`.statusbar-item[aria-label*="${text}"]`).waitFor({ timeout: openTimeoutMs });
  }
}
