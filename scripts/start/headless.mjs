// Runs the gateway alone, in the foreground, as `ccr start` would.
import path from 'node:path';
import { pinnedNode, projectRoot, runNpm } from '../project.mjs';
import { exitCodeOf, onInterruption, signalGroup, startGroup } from '../processGroup.mjs';

/** Ctrl-C in a terminal arrives twice, from the terminal and from npm. Counts as one interruption. */
const sameSignalMs = 300;

/** Builds, runs the gateway and resolves with its exit code. Signals are passed on: it drains before it ends. */
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
