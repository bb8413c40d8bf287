// Takes the tour: VS Code's server with the packaged extension in a fresh profile, seen through a headless Chromium.
//   node test/ui/tour.mjs [--vsix FILE]     FILE instead of packaging this checkout
import path from 'node:path';
import { parseArgs } from 'node:util';
import { packageExtension } from '../../scripts/project.mjs';
import { interruption } from '../../scripts/processGroup.mjs';
import { openBrowser } from '../../scripts/vscodeHost/browser.mjs';
import { installVscodeHost } from '../../scripts/vscodeHost/install.mjs';
import { installExtension, startServer } from '../../scripts/vscodeHost/server.mjs';
import { createSandbox } from '../sandbox.mjs';
import { tourAddProvider } from './addProvider.mjs';
import { createChecks } from './checks.mjs';
import { tourEmptyWindow } from './emptyWindow.mjs';
import { tourFirstMinute } from './firstMinute.mjs';
import { tourOutage } from './outage.mjs';
import { tourTwoWindows } from './twoWindows.mjs';
import { tourUntrustedFolder } from './untrusted.mjs';
import { tourViews } from './views.mjs';
import { tourWalkthrough } from './walkthrough.mjs';
import { createWorkbench } from './workbench.mjs';

// `exit` handlers do the rest: processGroup.mjs ends the server, playwright ends the browser.
interruption().then(() => process.exit(130));

const { values } = parseArgs({ options: { vsix: { type: 'string' } } });
installVscodeHost();
process.exit(await tourOf(values.vsix ?? packageExtension()));

async function tourOf(vsix) {
  await using cleanUp = new AsyncDisposableStack();
  const { profile, environment, workspace, home, gatewayPort, remove } = await createSandbox();
  process.on('exit', remove);
  await installExtension(profile, vsix);
  const { url, end } = await startServer(profile, { environment });
  cleanUp.defer(end);
  const { page, close } = await openBrowser();
  cleanUp.defer(close);

  const workbench = createWorkbench(page, { url, folder: workspace, home });
  const checks = createChecks({ onFailure: showFailure });
  await checks.check('VS Code opens', workbench.open);
  await tourFirstMinute({ check: checks.check, workbench, workspace, gatewayPort });
  await tourTwoWindows({ check: checks.check, workbench, url, home });
  await tourAddProvider({ check: checks.check, workbench, home });
  const settingsFile = path.join(profile.dataFolder, 'User', 'settings.json');
  await tourViews({
    check: checks.check,
    workbench,
    home,
    gatewayPort,
    settingsFile,
    more: async () => {
      await tourEmptyWindow({ check: checks.check, workbench, url, home, workspace, gatewayPort, settingsFile });
      await tourUntrustedFolder({ check: checks.check, workbench, url, home, settingsFile });
    },
  });
  await tourOutage({ check: checks.check, workbench, home });
  await tourWalkthrough({ check: checks.check, workbench, gatewayPort, home });
  return checks.finish();

  async function showFailure(name) {
    console.log(`      the window: ${await workbench.screenshot(`failed ${name}`)}`);
    await page.keyboard.press('Escape'); // an open quick pick would swallow what the next check types
  }
}
