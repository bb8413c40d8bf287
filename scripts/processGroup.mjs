// Starts a program in a process group, so that it can be ended together with all its children: an extension host, for
// example, outlives a killed server. Builtins only, Node 20 or newer.
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { constants } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { isWindows } from './project.mjs';

/** Longer than the time that VS Code gives an extension to deactivate. */
const defaultPatienceMs = 6000;

const parentCheckMs = 500;

const running = new Set();

/**
 * Starts a program in a process group of its own. If this process exits first, the group is killed.
 * @param {string} command
 * @param {string[]} commandArguments
 * @param {import('node:child_process').SpawnOptions} options
 */
export function startGroup(command, commandArguments, options = {}) {
  // On Windows `detached` would open a console window, and taskkill finds the children without it.
  const child = spawn(command, commandArguments, { ...options, detached: !isWindows });
  running.add(child);
  return child;
}

/** Asks the whole group to end, waits for it, and kills what is left after `patienceMs`. */
export async function endGroup(child, { patienceMs = defaultPatienceMs } = {}) {
  signalGroup(child, 'SIGTERM');
  const deadline = Date.now() + patienceMs;
  while (isAlive(child) && Date.now() < deadline) await sleep(50);
  signalGroup(child, 'SIGKILL');
  running.delete(child);
}

/** Ends every group that this process has started. */
export async function endAllGroups({ patienceMs } = {}) {
  await Promise.all([...running].map((child) => endGroup(child, { patienceMs })));
}

/**
 * Calls `listener(signal)` for each request to end this process, instead of ending it. The death of the shell in which npm
 * runs a script counts as one: it does not pass SIGTERM on.
 */
export function onInterruption(listener) {
  const parent = process.ppid;
  const timer = setInterval(() => process.ppid !== parent && interrupt('SIGTERM'), parentCheckMs).unref();
  if (!process.env.npm_lifecycle_event) clearInterval(timer);
  const interrupt = (signal) => {
    clearInterval(timer); // the shell dies of the same signal, when it goes to all of us
    listener(signal);
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, interrupt);
}

/** Resolves with the signal of the first request to end this process. */
export function interruption() {
  return new Promise(onInterruption);
}

/** Sends a signal to every process of the group. Does nothing when all have ended. */
export function signalGroup(child, signal) {
  if (child.pid === undefined) return false;
  if (isWindows) return spawnSync('taskkill', ['/pid', String(child.pid), '/T', '/F']).status === 0;
  try {
    return process.kill(-child.pid, signal);
  } catch {
    return false;
  }
}

/** Resolves with the exit code a shell would report: 128 and more for a signal, 127 when the program could not start. */
export async function exitCodeOf(child) {
  try {
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  } catch (error) {
    console.error(error.message);
    return 127;
  }
  return child.exitCode ?? 128 + (constants.signals[child.signalCode] ?? 0);
}

function isAlive(child) {
  return isWindows ? child.exitCode === null : signalGroup(child, 0);
}

process.on('exit', () => {
  for (const child of running) signalGroup(child, 'SIGKILL');
});
