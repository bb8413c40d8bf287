// The servers that tests run against: a real Redis, and a real balancer.
import { existsSync } from 'node:fs';
import { installFromDebian } from '../debian.mjs';

const programs = { 'redis-server': '/usr/bin/redis-server', nginx: '/usr/sbin/nginx' };

/**
 * The path of `redis-server` or `nginx`, installed if it is missing and can be.
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
