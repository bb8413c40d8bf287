// The folder that `npm start` opens, with files to try things on.
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { cacheFolder } from '../project.mjs';

const readme = `# Try CCR here

The status bar shows the gateway and who answers: at first the built-in demo provider, which needs no key and no network.

1. Open a terminal (Terminal > New Terminal) and run

       codex exec -s workspace-write --skip-git-repo-check "Say hello"

   Codex talks to CCR, the demo provider answers, and a new file in this folder says which way the request came.
2. Press F1 and type "CCR" for everything else: switch the preset, set a provider's key, open the config.
`;

/** Creates the folder once, and keeps the user's changes. */
export function createDemoWorkspace() {
  const folder = path.join(cacheFolder, 'demo-workspace');
  const file = path.join(folder, 'README.md');
  mkdirSync(folder, { recursive: true });
  if (!existsSync(file)) writeFileSync(file, readme);
  return folder;
}
