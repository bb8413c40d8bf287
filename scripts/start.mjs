// `npm start`, on a fresh clone too. Builtins only, Node 20 or newer: it does its own set-up.
//   npm start                          desktop VS Code where there is one, else VS Code in a browser
//   npm start -- --browser [--port N]  VS Code in a browser
//   npm start -- --headless [...]      only the gateway; what follows goes to `ccr start`
import { parseArgs } from 'node:util';
import { ensureModules, isWindows } from './project.mjs';
import { openInBrowser } from './start/browser.mjs';
import { findDesktop, openInDesktop } from './start/desktop.mjs';
import { runGateway } from './start/headless.mjs';

/** Fixed, because VS Code keeps secrets in the browser's storage of its address. */
const defaultPort = 8391;

try {
  process.exitCode = await start(process.argv.slice(2));
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
}

async function start(words) {
  if (words.includes('--headless')) {
    ensureModules();
    return runGateway(words.filter((word) => word !== '--headless'));
  }
  const options = { browser: { type: 'boolean' }, port: { type: 'string', default: String(defaultPort) } };
  const { values } = parseArgs({ args: words, options });
  const desktop = values.browser ? undefined : findDesktop();
  if (!desktop && isWindows)
    throw new Error(
      'VS Code in a browser needs Linux or macOS. Install desktop VS Code with its `code` command, or run `npm start -- --headless`.',
    );
  ensureModules();
  return desktop ? openInDesktop(desktop) : openInBrowser({ port: Number(values.port) });
}
