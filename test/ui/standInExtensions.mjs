// Stand-ins for two extensions that are not in the registry: each declares what CCR looks for in it, and does nothing.
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';

const engines = { vscode: '^1.100.0' };
const claudeSetting = { 'claudeCode.environmentVariables': { type: 'array', default: [] } };
const manifests = [
  {
    publisher: 'anthropic',
    name: 'claude-code',
    contributes: { configuration: { properties: claudeSetting } },
  },
  {
    publisher: 'acme',
    name: 'custom-endpoint',
    contributes: { languageModelChatProviders: [{ vendor: 'customendpoint', displayName: 'Custom Endpoint' }] },
  },
];

/** Before any extension is installed: VS Code then lists what it finds in the folder. */
export function addStandInExtensions({ extensionsFolder }) {
  for (const { publisher, name, contributes } of manifests) {
    const folder = path.join(extensionsFolder, `${publisher}.${name}-0.0.1`);
    mkdirSync(folder, { recursive: true });
    const manifest = { publisher, name, version: '0.0.1', engines, contributes };
    writeFileSync(path.join(folder, 'package.json'), JSON.stringify(manifest));
  }
}
