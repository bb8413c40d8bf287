// The activity bar's views and the dashboard, with requests that really ran, in three themes and at four widths.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { eventually } from './checks.mjs';

const axeSource = readFileSync(fileURLToPath(import.meta.resolve('axe-core/axe.min.js')), 'utf8');
const rules = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'best-practice'];
/** What the settings, the list of themes and the page's body call each. */
const themes = [
  { name: 'light', id: 'Light Modern', label: 'Light Modern', kind: 'vscode-light' },
  { name: 'dark', id: 'Dark Modern', label: 'Dark Modern', kind: 'vscode-dark' },
  { name: 'high contrast', id: 'Default High Contrast', label: 'Dark High Contrast', kind: 'vscode-high-contrast' },
];
/** Of `npm test -- --full`, as for the unit tests. By default, one theme gets all that is checked of it, and each of them axe. */
export const isFull = process.env.CCR_MATRIX === 'full';
const hostileModel = '<img src=x onerror=document.title="injected">[link](command:workbench.action.quit)$(alert)';
/** Of the window. The dashboard is 350 px narrower: 360 px and 250 px wide in the narrow ones. */
const sizes = [
  [1280, 900],
  [710, 900],
  [600, 900],
  [3840, 2160],
];
const answers = 8;

/**
 * @param {{
 *   check: (name: string, action: () => Promise<void>) => Promise<void>,
 *   workbench: ReturnType<typeof import('./workbench.mjs').createWorkbench>,
 *   home: string, gatewayPort: number, settingsFile: string,
 *   more: () => Promise<void>,
 * }} stage `more` is done while the providers answer
 */
export async function tourViews({ check, workbench, home, gatewayPort, settingsFile, more }) {
  const { page } = workbench;
  const { urls, end } = await startProviders();
  try {
    await check('requests run through a provider that answers and one that refuses its key', async () => {
      await useProviders(home, gatewayPort, urls);
      for (let count = 0; count < answers; count++) assert.equal(await ask(gatewayPort, 'good,large'), 200);
      assert.equal(await ask(gatewayPort, `refusing,${hostileModel}`), 200); // the fallback answers
    });

    await check('the views show providers, routes, requests and sessions', async () => {
      await workbench.statusBarItem('CCR');
      await page.locator('.activitybar [aria-label="CCR"]').first().click();
      for (const text of ['refusing', "Config's own routing", 'good,large'])
        await page.locator('.sidebar .monaco-list-row', { hasText: text }).first().waitFor();
      await workbench.screenshot('views');
    });

    await check("the dashboard's numbers are those of the requests", async () => {
      await workbench.palette('CCR: Open Dashboard');
      const inside = await workbench.webview('.tiles dd');
      // Codex had two answers from the gateways before this one.
      assert.equal(await countedRequests(inside, answers + 3), answers + 3);
    });

    await check('a request shows its route, and a hostile name stays text', async () => {
      const inside = await workbench.webview('.tiles dd');
      await inside.locator('body').getByText('refusing').first().waitFor();
      assert.equal(await inside.locator('img').count(), 0);
      await workbench.palette('CCR: Explain Last Request');
      await inside.locator('.route').first().waitFor();
      await workbench.screenshot('dashboard-route');
    });

    await more();
    for (const [index, theme] of themes.entries()) {
      if (index > 0 && !isFull) {
        await check(`the dashboard in ${theme.name} is for axe, too`, async () => {
          await chooseTheme(workbench, theme);
          assert.deepEqual(await axeProblems(await dashboardFrame(page)), []);
        });
        continue;
      }
      await check(
        `the dashboard in ${theme.name} is there after a reload, for axe, and from 250 px to 4K`,
        async () => {
          changeSettings(settingsFile, { 'workbench.colorTheme': theme.id });
          await workbench.open();
          const inside = await workbench.webview('.tiles dd');
          const before = await countedRequests(inside, answers + 3);
          for (let count = 0; count < 2; count++) assert.equal(await ask(gatewayPort, `refusing,${hostileModel}`), 200);
          await countedRequests(inside, before + 2);
          // The list may have a request later than the figures count it.
          await eventually(async () => {
            await inside.locator('.requests').press('Home');
            await inside.locator('.requests').press('ArrowDown');
            assert.notEqual(await inside.locator('.route').getByText('refusing').count(), 0);
          });
          const frame = await dashboardFrame(page);
          await fitsAtAllSizes(workbench, frame, theme.name);
          assert.deepEqual(await axeProblems(frame), []);
        },
      );
    }
  } finally {
    await end();
  }
}

/** Takes pictures for people to look at in a full run. */
async function fitsAtAllSizes({ page, screenshot }, frame, name) {
  const picture = async (top, end) => {
    if (!isFull) return;
    await frame.evaluate((place) => window.scrollTo(0, place), top);
    await screenshot(`dashboard-${name}-${end}`);
  };
  for (const [width, height] of sizes) {
    await page.setViewportSize({ width, height });
    await eventually(async () => assert.deepEqual(await frame.evaluate(widerThanPage), []));
    await picture(0, width);
    await picture(1e6, `${width}-end`);
  }
  await page.setViewportSize({ width: 1280, height: 800 });
}

/** As a user does, without a reload. */
async function chooseTheme(workbench, { label, kind }) {
  await workbench.palette('Preferences: Color Theme');
  await workbench.quickPickRow('').waitFor();
  await workbench.page.keyboard.type(label);
  await workbench.quickPickRow(label).click();
  const frame = await dashboardFrame(workbench.page);
  await eventually(async () =>
    assert.ok((await frame.evaluate(() => document.body.className)).split(' ').includes(kind)),
  );
}

export async function startProviders() {
  const program = fileURLToPath(new URL('standIns.ts', import.meta.url));
  const child = spawn(process.execPath, [program], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [line] = await once(createInterface(child.stdout), 'line');
  const end = async () => {
    child.kill();
    if (child.exitCode === null) await once(child, 'exit');
  };
  return { urls: JSON.parse(line), end };
}

export async function useProviders(home, port, { good, refusing }) {
  const file = path.join(home, '.claude-code-router', 'config.json');
  mkdirSync(path.dirname(file), { recursive: true });
  // In no other config: two of them would differ by their URLs alone.
  const ownModel = `at-${new URL(good).port}`;
  const config = {
    Providers: [
      { name: 'good', api_base_url: good, models: ['large', 'small', ownModel] },
      { name: 'refusing', api_base_url: refusing, api_key: 'refused', models: [hostileModel] },
    ],
    Router: { default: 'good,large', think: 'good,small' },
    Presets: { quick: { route: 'good,small' } },
  };
  writeFileSync(file, JSON.stringify(config));
  // The gateway watches the file.
  await eventually(async () => {
    const reply = await fetch(`http://127.0.0.1:${port}/v1/models`);
    assert.ok((await reply.text()).includes(`"good,${ownModel}"`), 'The gateway does not use the config.');
  });
}

/** Repeats what meets no gateway: the reloaded window's own ends with it, and the next one takes its time. */
export function ask(port, model) {
  return eventually(() => askOnce(port, model));
}

async function askOnce(port, model) {
  const reply = await fetch(`http://127.0.0.1:${port}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ model, messages: [{ role: 'user', content: 'Hello' }] }),
  });
  await reply.text();
  return reply.status;
}

/** How many requests the dashboard counts, once there are at least so many. */
async function countedRequests(inside, atLeast) {
  const first = inside.locator('.tiles .tile dd').first();
  let count = 0;
  await eventually(async () => {
    count = Number((await first.textContent()).match(/^\d+/)?.[0]);
    assert.ok(count >= atLeast, `${count} requests`);
  });
  return count;
}

/** For the next window. */
export function changeSettings(settingsFile, changes) {
  const settings = JSON.parse(readFileSync(settingsFile, 'utf8'));
  writeFileSync(settingsFile, JSON.stringify({ ...settings, ...changes }));
}

async function dashboardFrame(page) {
  for (const frame of page.frames()) if ((await frame.locator('#dashboard').count()) > 0) return frame;
  throw new Error('No frame has the dashboard.');
}

/** The elements that reach beyond the page's right edge. Runs in the page. */
function widerThanPage() {
  if (document.documentElement.scrollWidth <= window.innerWidth) return [];
  return [...document.querySelectorAll('main *')]
    .filter((element) => element.getBoundingClientRect().right > window.innerWidth)
    .map(({ tagName, className }) => `${tagName}.${className}`);
}

/** What axe says of the dashboard. It is evaluated, not loaded: the page's policy allows no script but its own. */
async function axeProblems(frame) {
  await frame.evaluate(axeSource);
  const { violations } = await frame.evaluate((tags) => globalThis.axe.run(document, { runOnly: tags }), rules);
  return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 200)).join(' | ')}`);
}
