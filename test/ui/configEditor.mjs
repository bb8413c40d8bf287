// The config file in the editor, as a user sees and edits it: completion, hover, diagnostics with their fix, actions above, definition,
// rename and links.
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { eventually } from './checks.mjs';
import { startProviders } from './views.mjs';
import { listTimeoutMs } from './workbench.mjs';

const configOf = (url) => `{
  // my providers
  "Providers": [
    {
      "name": "good",
      "api_base_url": "${url}",
      "models": ["large", "small"],
      "model_info": { "large": { "context_window": 64000 } }
    }
  ],
  "Router": { "default": "good,large", "think": "good,smal" },
  "Presets": { "quick": { "route": "good,small" } } // for questions
}
`;

/**
 * @param {{
 *   check: (name: string, action: () => Promise<void>) => Promise<void>,
 *   workbench: ReturnType<typeof import('./workbench.mjs').createWorkbench>, home: string, isFull: boolean,
 * }} stage without `isFull`, diagnostics and their fix alone
 */
export async function tourConfigEditor({ check, workbench, home, isFull }) {
  const { page } = workbench;
  const { keyboard } = page;
  const file = path.join(home, '.claude-code-router', 'config.json');
  const read = () => readFileSync(file, 'utf8');
  const { urls, end } = await startProviders();
  const text = configOf(urls.good);
  const repaired = text.replace('good,smal"', 'good,small"');
  const line = page.locator('.monaco-editor .view-line');
  try {
    await check('a misspelt model is underlined once, and a quick fix repairs it', async () => {
      await workbench.statusBarItem('CCR');
      mkdirSync(path.dirname(file), { recursive: true });
      writeFileSync(file, text);
      await workbench.palette('CCR: Open Config');
      await line.filter({ hasText: 'my providers' }).first().waitFor();
      const problems = page.locator('.statusbar-item[id="status.problems"]');
      await eventually(async () => assert.match(await problems.getAttribute('aria-label'), /Warnings: 1\b/));
      await goTo('good,smal"');
      // Asked too early, the editor says that there is nothing to repair.
      await eventually(async () => {
        if ((await page.locator('.action-widget').count()) === 0) await keyboard.press('Control+.');
        const fix = page.locator('.action-widget .monaco-list-row', { hasText: 'Use "good,small"' }).first();
        await fix.click({ timeout: listTimeoutMs });
      });
      await keyboard.press('Control+s');
      await eventually(() => assert.equal(read(), repaired));
      await eventually(async () => assert.doesNotMatch(await problems.getAttribute('aria-label'), /Warnings/));
    });
    if (!isFull) return;

    await check('completion lists models with their windows, and whole providers', async () => {
      await goTo('good,large"');
      const row = await suggestion('good,large');
      assert.match(await row.innerText(), /64k window/);
      await workbench.screenshot('config-completion');
      await keyboard.press('Escape');
      await goTo('  ],\n  "Router"', 0);
      await suggestion('deepseek');
      await keyboard.press('Escape');
      await keyboard.press('Escape');
    });

    await check('a hover tells of a model what CCR knows, and from where', async () => {
      await goTo('good,large"', 6);
      await keyboard.press('Control+k');
      await keyboard.press('Control+i');
      const hover = page.locator('.monaco-hover:not(.hidden)', { hasText: 'Context window' }).first();
      await hover.waitFor();
      assert.match(await hover.innerText(), /64,000 tokens \(from model_info in this file\)/);
      await workbench.screenshot('config-hover');
      await keyboard.press('Escape');
    });

    await check('actions above a provider and a preset: Test answers, Use switches this window', async () => {
      await page.locator('.codelens-decoration a', { hasText: 'Test' }).first().click();
      await workbench.notification('good,large works');
      await page.locator('.codelens-decoration a', { hasText: 'Use' }).first().click();
      await workbench.statusBarItem('CCR: quick');
    });

    await check('a route leads to its provider, and base URLs are links', async () => {
      await goTo('good,large"');
      await keyboard.press('F12');
      const place = page.locator('.statusbar-item[id="status.editor.selection"]');
      await eventually(async () => assert.match(await place.innerText(), /Ln 5\b/));
      await page.locator('.detected-link', { hasText: 'http' }).first().waitFor();
    });

    await check('a rename reaches every route and preset, and keeps the comments', async () => {
      await goTo('"good"', 2);
      await keyboard.press('F2');
      const box = page.locator('.rename-box input');
      await box.waitFor();
      await box.fill('fine');
      await keyboard.press('Enter');
      await line.filter({ hasText: '"fine,small"' }).first().waitFor();
      await keyboard.press('Control+s');
      await eventually(() => assert.equal(read(), repaired.replaceAll('"good', '"fine')));
    });
  } finally {
    await workbench.palette('View: Revert and Close Editor');
    await end();
  }

  /** The entry of the list of suggestions that has this text. Asked too early, the editor has none. */
  async function suggestion(text) {
    const row = page.locator('.suggest-widget .monaco-list-row', { hasText: text }).first();
    await eventually(async () => {
      await keyboard.press('Escape');
      await keyboard.press('Control+Space');
      await row.waitFor({ timeout: listTimeoutMs });
    });
    return row;
  }

  /** Puts the cursor `skip` characters after the start of this part of the file. */
  async function goTo(part, skip = 1) {
    const before = read().slice(0, read().indexOf(part) + skip);
    const rows = before.split('\n');
    await keyboard.press('Control+g');
    await workbench.answer(`${rows.length}:${rows.at(-1).length + 1}`);
  }
}
