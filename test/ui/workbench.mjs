// A user's actions in a VS Code window that a browser page shows.
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { cacheFolder } from '../../scripts/project.mjs';
import { workbenchUrl } from '../../scripts/vscodeHost/browser.mjs';
import { eventually } from './checks.mjs';
import { openTerminal } from './terminal.mjs';

const screenshotsFolder = path.join(cacheFolder, 'screenshots');
export const openTimeoutMs = 60_000;
const reactTimeoutMs = 30_000;
export const listTimeoutMs = 3_000;

const quickInput = '.quick-input-widget:not([style*="display: none"])';

/**
 * @param {import('playwright-core').Page} page
 * @param {{ url: string, folder: string, home: string }} window the server, the folder to open in it, and its home folder
 */
export function createWorkbench(page, { url, folder, home }) {
  page.setDefaultTimeout(reactTimeoutMs);

  /** Opens or reloads the window. */
  async function open() {
    await page.goto(workbenchUrl({ url, folder }));
    await page.locator('.monaco-workbench .statusbar').waitFor({ timeout: openTimeoutMs });
  }

  /** Does nothing when none is open: the key would go to a terminal. */
  async function closeQuickInput() {
    if (await page.locator(quickInput).count()) await page.keyboard.press('Escape');
  }

  /**
   * Runs the command of this title from the command palette. Opens it again while the command is not there: a window that is
   * still loading misses keys, and an open palette does not look again for the commands of an extension.
   */
  async function palette(title) {
    await eventually(async () => {
      await closeQuickInput();
      await page.keyboard.press('F1');
      // Filled, not typed: a window that is still loading may take the focus away.
      await page.locator(`${quickInput} .quick-input-box input`).fill(`>${title}`, { timeout: listTimeoutMs });
      await quickPickRow(title).click({ timeout: listTimeoutMs });
    }, openTimeoutMs);
  }

  /** A row of the open quick pick that has this text. */
  function quickPickRow(text) {
    return page.locator(`${quickInput} .quick-input-list .monaco-list-row`, { hasText: text }).first();
  }

  /** The texts of the open quick pick's rows, once there are any. */
  async function quickPickRows() {
    await quickPickRow('').waitFor();
    return page.locator(`${quickInput} .quick-input-list .monaco-list-row`).allInnerTexts();
  }

  /** Types into the open input box (a password box too) and accepts it. */
  async function answer(text) {
    await page.locator(`${quickInput} .quick-input-box input`).waitFor();
    await page.keyboard.type(text);
    await page.keyboard.press('Enter');
  }

  /** The status-bar item that has this text; waits for it, since extensions start after the window is there. */
  async function statusBarItem(text) {
    const item = page.locator('.statusbar-item', { hasText: text }).first();
    await item.waitFor({ timeout: openTimeoutMs });
    return item;
  }

  /** The file or folder of this name in the explorer, once it shows there. */
  async function explorerItem(name) {
    const item = page.locator('.explorer-folders-view .monaco-list-row', { hasText: name }).first();
    await item.waitFor();
    return item;
  }

  /** The toast that has this text, once it is there. */
  async function notification(text) {
    const toast = page.locator('.notification-toast', { hasText: text }).first();
    await toast.waitFor();
    return toast;
  }

  /** The inside of the webview that has this element. */
  async function webview(selector) {
    const inside = page.frameLocator('iframe.webview.ready').frameLocator('#active-frame');
    await inside.locator(selector).first().waitFor();
    return inside;
  }

  /** Saves a picture of the window as .cache/screenshots/NAME.png. */
  async function screenshot(name) {
    mkdirSync(screenshotsFolder, { recursive: true });
    const file = path.join(screenshotsFolder, `${name.replaceAll(/[^\w-]+/g, '-')}.png`);
    await page.screenshot({ path: file });
    return file;
  }

  async function terminal() {
    await palette('Terminal: Create New Terminal');
    return openTerminal(page, { home });
  }

  return {
    page,
    open,
    palette,
    closeQuickInput,
    quickPickRow,
    quickPickRows,
    answer,
    statusBarItem,
    explorerItem,
    notification,
    webview,
    terminal,
    screenshot,
  };
}
