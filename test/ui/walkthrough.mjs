// The walkthrough, which ticks its steps when what they ask for has happened.
import assert from 'node:assert/strict';
import { ask, startProviders, useProviders } from './views.mjs';

const titles = ['Try Codex without a key', 'Add a provider', 'Get your first real answer', 'See what it cost'];

/**
 * @param {{
 *   check: (name: string, action: () => Promise<void>) => Promise<void>,
 *   workbench: ReturnType<typeof import('./workbench.mjs').createWorkbench>,
 *   gatewayPort: number, home: string,
 * }} stage
 */
export async function tourWalkthrough({ check, workbench, gatewayPort, home }) {
  const { page } = workbench;

  await check('the walkthrough ticks each step when it is done, and shows its picture', async () => {
    await page.setViewportSize({ width: 1600, height: 900 }); // a narrow editor shows no picture
    await open();
    const { urls, end } = await startProviders();
    try {
      await useProviders(home, gatewayPort, urls);
      assert.equal(await ask(gatewayPort, 'good,large'), 200);
    } finally {
      await end();
    }
    await workbench.palette('CCR: Open Dashboard');
    await workbench.webview('.tiles dd'); // a webview takes the focus when it appears, which closes a list
    await open();
    const steps = page.locator('.getting-started-step');
    for (const [place, title] of titles.entries()) {
      const step = steps.nth(place);
      await step.getByText(title).waitFor();
      await step.locator('.codicon.complete').waitFor();
      // A click on the open step closes it.
      if (!(await step.evaluate(({ classList }) => classList.contains('expanded')))) await step.click();
      const picture = page.locator('.getting-started-media img');
      await picture.waitFor();
      assert.ok(await picture.evaluate(async (image) => (await image.decode(), image.naturalWidth > 0)));
    }
    await workbench.screenshot('walkthrough');
  });

  async function open() {
    await workbench.palette('Welcome: Open Walkthrough');
    await workbench.quickPickRow('Get started with CCR').click();
    await page.locator('.getting-started-step').first().waitFor();
  }
}
