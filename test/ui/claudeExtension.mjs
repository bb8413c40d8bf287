// A stand-in for Claude Code's extension: it registers the setting that `CCR: Connect Claude Code` writes, and does nothing else.
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';

const manifest = {
  name: 'claude-code',
  publisher: 'anthropic',
  version: '0.0.1',
  engines: { vscode: '^1.100.0' },
  contributes: {
    configuration: {
      properties: { 'claudeCode.environmentVariables': { type: 'array', default: [] } },
    },
  },
};

/** Before any extension is installed: VS Code then lists what it finds in the folder. */
export function installClaudeExtension({ extensionsFolder }) {
  const folder = path.join(extensionsFolder, `${manifest.publisher}.${manifest.name}-${manifest.version}`);
  mkdirSync(folder, { recursive: true });
  writeFileSync(path.join(folder, 'package.json'), JSON.stringify(manifest));
}
