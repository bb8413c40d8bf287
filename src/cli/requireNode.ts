import { isAtLeast, oldestNode } from './nodeVersion.ts';

// The first import of the CLI: the other modules need what an older Node does not have.
if (!isAtLeast(process.versions.node, oldestNode)) {
  process.stderr.write(`ccr needs Node ${oldestNode} or newer; this is ${process.versions.node}.\n`);
  process.exit(1);
}
