// Processes under measurement: starting them, and what they cost. Needs Linux.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { setTimeout as wait } from 'node:timers/promises';

const startTimeMs = 60_000;
const stopTimeMs = 5000;

/** Ended with this process, also if that fails. */
const running = new Set();
process.once('exit', () => running.forEach((child) => child.kill('SIGKILL')));
process.once('SIGINT', () => process.exit(130));
process.once('SIGTERM', () => process.exit(143));

/**
 * Starts a command that prints its URL. `findUrl` gets each line of its output until it returns the URL.
 * With `probe`, a URL, the process has started when that answers. A process that ends too early is reported with its output.
 */
export async function startProcess(command, args, { findUrl = readUrl, probe, environment = {}, directory } = {}) {
  const started = performance.now();
  const child = spawn(command, args, {
    cwd: directory,
    env: { PATH: process.env.PATH, NO_PROXY: '127.0.0.1', ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  running.add(child);
  child.once('close', () => running.delete(child));
  const output = [];
  const url = await new Promise((resolve, reject) => {
    const fail = (why) => reject(new Error(`${command} ${args.join(' ')} ${why}:\n${output.slice(-20).join('\n')}`));
    const timer = setTimeout(() => fail('did not start'), startTimeMs);
    if (probe) {
      untilAnswered(probe).then(() => {
        clearTimeout(timer);
        resolve(probe);
      });
    }
    child.on('error', ({ message }) => fail(message));
    child.on('exit', (code, signal) => fail(`ended with ${code ?? signal}`));
    for (const stream of [child.stdout, child.stderr]) {
      createInterface({ input: stream }).on('line', (line) => {
        // Kept for the report of a failed start, not for longer runs.
        if (output.length < 200) output.push(line);
        const found = findUrl(line);
        if (!found) return;
        clearTimeout(timer);
        resolve(found);
      });
    }
  });
  child.removeAllListeners('exit');
  return { pid: child.pid, url, startMs: performance.now() - started, output, stop: () => stopProcess(child) };
}

async function untilAnswered(url) {
  const deadline = Date.now() + startTimeMs;
  while (Date.now() < deadline) {
    const answered = await fetch(url).then(
      (reply) => reply.text().then(() => true),
      () => false,
    );
    if (answered) return;
    await wait(20);
  }
}

function readUrl(line) {
  return /^http:\/\/\S+$/.test(line) ? line : undefined;
}

async function stopProcess(child) {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), stopTimeMs);
  await ended;
  clearTimeout(timer);
}

/** User and system time of all threads, in milliseconds. The kernel counts it in nanoseconds. */
export function cpuMs(pid) {
  const folder = `/proc/${pid}/task`;
  return readdirSync(folder).reduce((total, thread) => total + threadNs(`${folder}/${thread}/schedstat`), 0) / 1e6;
}

function threadNs(file) {
  try {
    return Number(readFileSync(file, 'utf8').split(' ')[0]);
  } catch {
    // The thread has ended since.
    return 0;
  }
}

/** Resident memory in megabytes. */
export function residentMb(pid) {
  return statusKb(pid, 'VmRSS') / 1000;
}

function statusKb(pid, name) {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return 1.024 * Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(status)?.[1]);
}
