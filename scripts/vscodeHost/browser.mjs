// The browser half: headless Chromium with a page that shows a VS Code server's workbench.
import { chromium } from 'playwright-core';
import { ensureChromium } from './chromium.mjs';

const chromiumArguments = [
  '--no-sandbox', // root in a container has no user namespaces
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1', // tests send nothing beyond this machine
];
const leaveTimeoutMs = 3000;
const closeTimeoutMs = 5000;

/** Opens a browser with one empty page. `close()` lets the page's extension host deactivate first. */
export async function openBrowser() {
  const browser = await chromium.launch({
    executablePath: ensureChromium(),
    args: chromiumArguments,
    // playwright's own handlers would end this process before it has cleaned up
    handleSIGINT: false,
    handleSIGTERM: false,
    handleSIGHUP: false,
  });
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
  await context.grantPermissions(['clipboard-read', 'clipboard-write']);
  const page = await context.newPage();
  return { page, close: () => closeBrowser(browser, page) };
}

/** Leaves the page, which deactivates its extension host. When a browser just disappears, the host keeps running for hours. */
async function closeBrowser(browser, page) {
  await within(leaveTimeoutMs, page.goto('about:blank'));
  await within(closeTimeoutMs, browser.close());
}

/**
 * The workbench's address for a folder or a .code-workspace.
 * @param {{ url: string, folder?: string, workspace?: string, disableExtensions?: boolean }} target
 */
export function workbenchUrl({ url, folder, workspace, disableExtensions = false }) {
  const payload = [
    ['skipWelcome', 'true'],
    ['skipReleaseNotes', 'true'],
  ];
  if (disableExtensions) payload.push(['disableExtensions', 'true']);
  const query = new URLSearchParams({ payload: JSON.stringify(payload) });
  if (folder) query.set('folder', folder);
  else if (workspace) query.set('workspace', workspace);
  else query.set('ew', 'true');
  return `${url}/?${query}`;
}

/** Waits for at most this long and ignores a failure, so that it can't hold up a shutdown. */
async function within(milliseconds, promise) {
  let timer;
  const timeout = new Promise((resolve) => (timer = setTimeout(resolve, milliseconds)));
  await Promise.race([promise.catch(() => undefined), timeout]);
  clearTimeout(timer);
}
