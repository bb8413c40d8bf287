// Serves VS Code, with the packaged extension installed, to a browser on this machine until Ctrl-C.
import { createServer } from 'node:net';
import path from 'node:path';
import { cacheFolder, packageExtension, toolsEnvironment } from '../project.mjs';
import { interruption } from '../processGroup.mjs';
import { installVscodeHost } from '../vscodeHost/install.mjs';
import { createProfile, profileIn } from '../vscodeHost/profile.mjs';
import { installExtension, startServer } from '../vscodeHost/server.mjs';
import { createDemoWorkspace } from './demoWorkspace.mjs';

/** Resolves with the exit code: 0 when the user ended it. */
export async function openInBrowser({ port }) {
  await assertFree(port);
  const interrupted = interruption().then(() => 0);
  installVscodeHost();
  // Kept from one start to the next, so that settings and secrets survive.
  const profile = createProfile(profileIn(path.join(cacheFolder, 'vscode-user-data')));
  await installExtension(profile, packageExtension());
  // Terminals find the pinned `codex` on this PATH, after the extension's shim.
  const server = await startServer(profile, { port, environment: toolsEnvironment() });
  console.log(
    box([
      `VS Code with CCR:  ${server.url}/?folder=${createDemoWorkspace()}`,
      '',
      'Open it in a browser. Ctrl-C here ends it.',
    ]),
  );
  const code = await Promise.race([server.ended, interrupted]);
  await server.end();
  return code;
}

function assertFree(port) {
  return new Promise((resolve, reject) => {
    const taken = new Error(
      `Port ${port} is taken, perhaps by another \`npm start\`. For another one: npm start -- --port ${port + 1}`,
    );
    const probe = createServer().once('error', () => reject(taken));
    probe.listen(port, '127.0.0.1', () => probe.close(resolve));
  });
}

function box(lines) {
  const width = Math.max(...lines.map((line) => line.length));
  const edge = '─'.repeat(width + 4);
  return [`┌${edge}┐`, ...lines.map((line) => `│  ${line.padEnd(width)}  │`), `└${edge}┘`].join('\n');
}
