// Runs the gateway alone, in the foreground, as `ccr start` would.
import path from 'node:path';
import { pinnedNode, projectRoot, runNpm } from '../project.mjs';
import { exitCodeOf, onInterruption, signalGroup, startGroup } from '../processGroup.mjs';

/** A terminal's Ctrl-C reaches us from the terminal and from npm: that is one interruption, not two. */
const sameSignalMs = 300;

/** Builds, then resolves with the gateway's own exit code. Signals go to it: it drains before it ends. */
export function runGateway(gatewayArguments) {
  runNpm(['run', '--silent', 'build']);
  const commandLine = path.join(projectRoot, 'dist', 'cli.js');
  const gateway = startGroup(pinnedNode, [commandLine, 'start', ...gatewayArguments], { stdio: 'inherit' });
  forwardSignals(gateway);
  return exitCodeOf(gateway);
}

function forwardSignals(gateway) {
  let lastMs = -Infinity;
  onInterruption((signal) => {
    if (performance.now() - lastMs < sameSignalMs) return;
    lastMs = performance.now();
    signalGroup(gateway, signal);
  });
}
