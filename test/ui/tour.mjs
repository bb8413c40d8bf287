// Takes the tour: VS Code's server with the packaged extension in a fresh profile, seen through a headless Chromium.
//   node test/ui/tour.mjs [--vsix FILE] [--only editor|connections]
// FILE instead of packaging this checkout; `--only`: that part. With CCR_MATRIX=full, as `npm test -- --full` sets it, all of both.
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
import { tourConfigEditor } from './configEditor.mjs';
import { claudeVariables, tourConnections } from './connections.mjs';
import { tourEmptyWindow } from './emptyWindow.mjs';
import { addStandInExtensions } from './standInExtensions.mjs';
import { tourFirstMinute } from './firstMinute.mjs';
import { tourOutage } from './outage.mjs';
import { tourTwoWindows } from './twoWindows.mjs';
import { tourUntrustedFolder } from './untrusted.mjs';
import { changeSettings, tourViews } from './views.mjs';
import { tourWalkthrough } from './walkthrough.mjs';
import { createWorkbench } from './workbench.mjs';

// `exit` handlers do the rest: processGroup.mjs ends the server, playwright ends the browser.
interruption().then(() => process.exit(130));

const { values } = parseArgs({ options: { vsix: { type: 'string' }, only: { type: 'string' } } });
const isFull = process.env.CCR_MATRIX === 'full' || values.only !== undefined;
installVscodeHost();
process.exit(await tourOf(values.vsix ?? packageExtension()));

/** Before VS Code starts, which reads them then. */
function prepareForConnections(profile) {
  addStandInExtensions(profile);
  const settingsFile = path.join(profile.dataFolder, 'User', 'settings.json');
  changeSettings(settingsFile, { 'claudeCode.environmentVariables': claudeVariables });
}

async function tourOf(vsix) {
  await using cleanUp = new AsyncDisposableStack();
  const { profile, environment, workspace, home, gatewayPort, remove } = await createSandbox();
  process.on('exit', remove);
  if (isFull) prepareForConnections(profile);
  await installExtension(profile, vsix);
  const { url, end } = await startServer(profile, { environment });
  cleanUp.defer(end);
  const { page, close } = await openBrowser();
  cleanUp.defer(close);

  const workbench = createWorkbench(page, { url, folder: workspace, home });
  const checks = createChecks({ onFailure: showFailure });
  await checks.check('VS Code opens', workbench.open);
  const { check } = checks;
  const { dataFolder } = profile;
  if (values.only === undefined) await tourWithoutEditor();
  if (values.only !== 'connections') await tourConfigEditor({ check, workbench, home, isFull });
  if (isFull && values.only !== 'editor') await tourConnections({ check, workbench, home, gatewayPort, dataFolder });
  return checks.finish();

  async function tourWithoutEditor() {
    await tourFirstMinute({ check, workbench, workspace, gatewayPort });
    await tourTwoWindows({ check, workbench, url, home });
    await tourAddProvider({ check, workbench, home });
    const settingsFile = path.join(dataFolder, 'User', 'settings.json');
    await tourViews({
      check,
      workbench,
      home,
      gatewayPort,
      settingsFile,
      more: async () => {
        await tourEmptyWindow({ check, workbench, url, home, workspace, gatewayPort, settingsFile });
        await tourUntrustedFolder({ check, workbench, url, home, settingsFile });
      },
    });
    await tourOutage({ check, workbench, home });
    await tourWalkthrough({ check, workbench, gatewayPort, home });
  }

  async function showFailure(name) {
    console.log(`      the window: ${await workbench.screenshot(`failed ${name}`)}`);
    await page.keyboard.press('Escape'); // an open quick pick would swallow what the next check types
  }
}
