// The servers that tests run against: a real Redis, and real balancers.
import { existsSync } from 'node:fs';
import { installFromDebian } from '../debian.mjs';

const programs = { 'redis-server': '/usr/bin/redis-server', nginx: '/usr/sbin/nginx', haproxy: '/usr/sbin/haproxy' };

/**
 * The path of a program, installed if it is missing and can be.
 * @returns undefined if it is missing: its tests are skipped
 */
export function debianProgram(name) {
  const file = programs[name];
  if (!existsSync(file)) {
    try {
      installFromDebian(name);
    } catch (error) {
      console.warn(error.message);
    }
  }
  return existsSync(file) ? file : undefined;
}
