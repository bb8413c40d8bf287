// Makes a workbench page load extensions from their development folders and run tests in the extension host.
import { existsSync } from 'node:fs';

const keptLines = 60;
const errorsOnly = 3; // of VS Code's LogLevel; 0 would mute the extension host's console too

/**
 * Call before opening the page. A built VS Code ignores extensionTestsPath in its URL unless its smoke-test driver is on,
 * which hides notifications; so the path is passed in the workbench's `developmentOptions`.
 * @returns `exited`, a promise of the test run's exit code, and `console`, the latest lines of the host's and workbench's
 */
export async function prepareTestSession(page, { url, developmentPaths, testsPath }) {
  const { promise: exited, resolve } = Promise.withResolvers();
  const console = [];
  await page.exposeFunction('codeAutomationExit', (code) => resolve(code ?? 1));
  await page.exposeFunction('codeAutomationLog', (_type, words) => keepLine(console, words.join(' ')));
  const toUri = (path) => ({ $mid: 1, scheme: 'vscode-remote', authority: new URL(url).host, path });
  await page.addInitScript(addDevelopmentOptions, {
    ...(developmentPaths.length > 0 && { extensions: developmentPaths.map(toUri) }),
    ...(testsPath && { extensionTestsPath: toUri(withSuffix(testsPath)), logLevel: errorsOnly }),
  });
  return { exited, console };
}

/** Runs in the page. Sets the options before the workbench's module scripts run, right after parsing. */
function addDevelopmentOptions(developmentOptions) {
  if (window.top !== window) return;
  document.addEventListener('readystatechange', () => {
    const element = document.querySelector('#vscode-workbench-web-configuration');
    if (document.readyState !== 'interactive' || !element) return;
    const configuration = JSON.parse(element.dataset.settings);
    Object.assign(configuration, {
      developmentOptions: { ...configuration.developmentOptions, ...developmentOptions },
      productConfiguration: {
        ...configuration.productConfiguration,
        enableTelemetry: false,
        extensionsGallery: undefined,
      },
    });
    element.dataset.settings = JSON.stringify(configuration);
  });
}

function keepLine(lines, line) {
  lines.push(line);
  if (lines.length > keptLines) lines.shift();
  if (process.env.VSCODE_HOST_VERBOSE) process.stderr.write(`${line}\n`);
}

/** Like `require`, VS Code lets a tests path leave out its `.js`. */
function withSuffix(testsPath) {
  return existsSync(testsPath) ? testsPath : `${testsPath}.js`;
}
