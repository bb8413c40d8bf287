// What a test suite in the extension host writes to the file named by VSCODE_HOST_REPORT appears on our stdout. The host's
// console is unusable for that: the workbench mixes its own log into it.
import { closeSync, openSync, readSync, writeFileSync } from 'node:fs';

const intervalMs = 100;

/** Copies the file to stdout as it grows. `end()` copies the rest and returns whether there was any output. */
export function followReport(file) {
  writeFileSync(file, '');
  const descriptor = openSync(file, 'r');
  const chunk = Buffer.alloc(65_536);
  let total = 0;
  const copy = () => {
    for (let size = 1; size > 0; total += size) {
      size = readSync(descriptor, chunk);
      process.stdout.write(chunk.toString('utf8', 0, size));
    }
  };
  const timer = setInterval(copy, intervalMs);
  const end = () => {
    clearInterval(timer);
    copy();
    closeSync(descriptor);
    return { isEmpty: total === 0 };
  };
  return { file, end };
}
