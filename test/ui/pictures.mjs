// `npm run pictures`: makes the pictures of the README and of the walkthrough, and the README's film, from the running product.
// Needs ffmpeg, which it installs as root on Debian.
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { installFromDebian } from '../../scripts/debian.mjs';
import { packageExtension, projectRoot } from '../../scripts/project.mjs';
import { openBrowser } from '../../scripts/vscodeHost/browser.mjs';
import { installVscodeHost } from '../../scripts/vscodeHost/install.mjs';
import { installExtension, startServer } from '../../scripts/vscodeHost/server.mjs';
import { createSandbox } from '../sandbox.mjs';
import { eventually } from './checks.mjs';
import { createWorkbench } from './workbench.mjs';

const themes = { dark: 'Dark Modern', light: 'Light Modern' };
const docsFolder = path.join(projectRoot, 'docs', 'pictures');
const walkthroughFolder = path.join(projectRoot, 'media', 'walkthrough');
const size = { width: 1040, height: 680 };
const framesPerSecond = 5;
/** Of the film. The README promises less than 2 MB to those who load it. Bytes. */
const largestFilm = 2_000_000;
const codex = 'codex exec -s workspace-write --skip-git-repo-check';

installVscodeHost();
if (spawnSync('ffmpeg', ['-version']).status !== 0) installFromDebian('ffmpeg');
await using cleanUp = new AsyncDisposableStack();
const sandbox = await createSandbox();
process.on('exit', sandbox.remove);
await installExtension(sandbox.profile, packageExtension());
const server = await startServer(sandbox.profile, { environment: sandbox.environment });
cleanUp.defer(server.end);
const { page, close } = await openBrowser();
cleanUp.defer(close);
await page.setViewportSize(size);
const workbench = createWorkbench(page, { url: server.url, folder: sandbox.workspace, home: sandbox.home });
const providers = await startProviders();
cleanUp.defer(providers.end);

startIn(themes.dark);
await workbench.open();
await workbench.statusBarItem('CCR: demo');
const film = startFilm();
const terminal = await workbench.terminal();
await terminal.run('clear');
await terminal.run(`${codex} "Say hello"`, { timeoutMs: 60_000 });
await film.hold();
await inThemes('demo', []);
await inThemes('provider', [() => workbench.palette('CCR: Add Provider'), () => workbench.quickPickRows()]);
await workbench.closeQuickInput();
await useProviders();
await workbench.closeQuickInput();
await terminal.run('clear');
await terminal.run(`${codex} "Create the two files"`, { timeoutMs: 60_000 });
for (let count = 0; count < 6; count++) await askWithPauses();
await film.hold();
await openSwitcher();
await film.hold();
await picture(docsFolder, 'switcher');
await inThemes('answer', [openSwitcher]);
await openSwitcher();
await workbench.quickPickRow('glm-5.3').click();
await film.hold();
await terminal.run('clear');
await terminal.run(`${codex} "Create the two files"`, { timeoutMs: 60_000 });
await film.hold();
await picture(docsFolder, 'status-bar');
await page.locator('.activitybar [aria-label="CCR"]').first().click();
await workbench.palette('View: Toggle Panel Visibility');
await workbench.palette('CCR: Open Dashboard');
const inside = await workbench.webview('.tiles dd');
await film.hold();
await workbench.palette('Notifications: Clear All Notifications');
await picture(docsFolder, 'dashboard');
await inThemes('dashboard', []);
await workbench.palette('CCR: Explain Last Request');
await inside.locator('.route').first().waitFor();
await film.hold();
await picture(docsFolder, 'route');
await film.finish(path.join(docsFolder, 'ccr.gif'));
process.exit(0);

async function openSwitcher() {
  await workbench.closeQuickInput();
  await page.locator('.statusbar-item[id*="ccr.status"] a').click();
  await workbench.quickPickRows();
}

/** Saves the walkthrough's picture of this name in each theme; `actions` lead to what it shows, and are repeated. */
async function inThemes(name, actions) {
  for (const [kind, theme] of Object.entries(themes)) {
    await setTheme(theme, kind);
    for (const action of actions) await action();
    await picture(walkthroughFolder, `${name}-${kind}`);
    await workbench.closeQuickInput();
  }
  await setTheme(themes.dark, 'dark');
}

async function setTheme(theme, kind) {
  film.pause();
  await workbench.palette('Preferences: Color Theme');
  await workbench.quickPickRow(theme).click();
  await page.locator(`.monaco-workbench.vs${kind === 'dark' ? '-dark' : ''}`).waitFor();
  if (kind === 'dark') film.resume();
}

/** For a window that is not open yet. */
function startIn(theme) {
  const file = path.join(sandbox.profile.dataFolder, 'User', 'settings.json');
  const settings = JSON.parse(readFileSync(file, 'utf8'));
  // The terminal's own hint would be in the first pictures of the film.
  const changes = { 'workbench.colorTheme': theme, 'terminal.integrated.initialHint': false };
  writeFileSync(file, JSON.stringify({ ...settings, ...changes, 'terminal.integrated.suggest.enabled': false }));
}

async function picture(folder, name) {
  mkdirSync(folder, { recursive: true });
  await page.mouse.move(size.width / 2, 20); // away from what shows hovers
  await page.screenshot({ path: path.join(folder, `${name}.png`) });
}

/** Two providers of the config, each the strict stand-in of a real one. */
async function startProviders() {
  const program = fileURLToPath(new URL('pictureProviders.ts', import.meta.url));
  const child = spawn(process.execPath, [program], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [line] = await once(createInterface(child.stdout), 'line');
  return { urls: JSON.parse(line), end: () => void child.kill() };
}

/** USD per million tokens. */
function prices(input, output) {
  return { input_per_million_tokens: input, output_per_million_tokens: output };
}

async function useProviders() {
  const { deepseek, glm, refusing } = providers.urls;
  const file = path.join(sandbox.home, '.claude-code-router', 'config.json');
  mkdirSync(path.dirname(file), { recursive: true });
  const config = {
    Providers: [
      {
        name: 'deepseek',
        api_base_url: deepseek,
        models: ['deepseek-v4-pro', 'deepseek-flash'],
        pricing: prices(0.27, 1.1),
      },
      { name: 'zai', api_base_url: glm, models: ['glm-5.3', 'glm-5'], pricing: prices(0.6, 2.2) },
      { name: 'moonshot', api_base_url: refusing, api_key: 'expired', models: ['kimi-k2.5'] },
    ],
    Router: { default: 'deepseek,deepseek-v4-pro', think: 'zai,glm-5.3', background: 'deepseek,deepseek-flash' },
    Presets: { fast: { route: 'deepseek,deepseek-flash' }, deep: { route: 'zai,glm-5.3' } },
  };
  writeFileSync(file, JSON.stringify(config, null, 2));
  await eventually(async () => {
    const reply = await fetch(`http://127.0.0.1:${sandbox.gatewayPort}/v1/models`);
    if (!(await reply.text()).includes('deepseek,deepseek-v4-pro')) throw new Error('The config is not in use.');
  });
}

/** One request to each kind of target, so that the charts have several lines. The refused key makes another one answer. */
async function askWithPauses() {
  for (const model of ['deepseek,deepseek-v4-pro', 'zai,glm-5.3', 'deepseek,deepseek-flash', 'moonshot,kimi-k2.5']) {
    const body = { model, messages: [{ role: 'user', content: 'What does this function do? '.repeat(400) }] };
    const reply = await fetch(`http://127.0.0.1:${sandbox.gatewayPort}/v1/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    await reply.text();
  }
}

/** Takes a picture some times a second until `finish`, which writes a GIF of them. What is paused is left out. */
function startFilm() {
  const folder = mkdtempSync(path.join(tmpdir(), 'ccr-film-'));
  process.on('exit', () => rmSync(folder, { recursive: true, force: true }));
  let count = 0;
  const over = new AbortController();
  let isPaused = false;
  const running = (async () => {
    while (!over.signal.aborted) {
      const next = sleep(1000 / framesPerSecond);
      // One may be under way when the browser closes.
      if (!isPaused)
        await page
          .screenshot({ path: path.join(folder, `${String(count++).padStart(5, '0')}.png`) })
          .catch(() => undefined);
      await next;
    }
  })();

  return {
    pause: () => void (isPaused = true),
    resume: () => void (isPaused = false),
    /** Long enough to read what is there. */
    hold: () => sleep(1600),
    async finish(file) {
      over.abort();
      await running;
      const filter =
        'scale=860:-1:flags=lanczos,mpdecimate,split[a][b];[a]palettegen=max_colors=64:stats_mode=diff[p];[b][p]paletteuse=dither=none:diff_mode=rectangle';
      const input = ['-framerate', String(framesPerSecond), '-i', path.join(folder, '%05d.png')];
      execFileSync('ffmpeg', ['-y', '-loglevel', 'error', ...input, '-vf', filter, '-fps_mode', 'vfr', file]);
      const bytes = statSync(file).size;
      console.log(`${path.basename(file)}: ${count} pictures, ${bytes} bytes`);
      if (bytes > largestFilm) throw new Error(`The film is larger than ${largestFilm} bytes.`);
    },
  };
}
