// Preloaded into a gateway that is measured: writes its heap, its open resources and its event loop's delay to the file that
// PROBE_FILE names, several times a second.
import { renameSync, writeFileSync } from 'node:fs';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { getHeapStatistics } from 'node:v8';

const file = process.env.PROBE_FILE;
const resolutionMs = 2;
const delay = monitorEventLoopDelay({ resolution: resolutionMs });
delay.enable();
let collectedAt = 0;

function write() {
  const { used_heap_size, total_heap_size, external_memory } = getHeapStatistics();
  const inMs = (ns) => Math.max(0, ns / 1e6 - resolutionMs);
  const sample = {
    collectedAt,
    heapMb: used_heap_size / 1e6,
    heldMb: (total_heap_size + external_memory) / 1e6,
    resources: process.getActiveResourcesInfo().length,
    delayP99: inMs(delay.percentile(99)),
    delayMost: inMs(delay.max),
  };
  // Readers never see half of it.
  writeFileSync(`${file}.new`, JSON.stringify(sample));
  renameSync(`${file}.new`, file);
}

// The delay of start-up is not measured.
setTimeout(() => delay.reset(), 1000).unref();
process.on('SIGWINCH', () => delay.reset());
// What is left is in use.
process.on('SIGUSR2', () => {
  globalThis.gc();
  collectedAt = Date.now();
  write();
});
setInterval(write, 200).unref();
