import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';

const root = path.join(import.meta.dirname, '../../..');
const page = readFileSync(path.join(root, 'docs/monitoring.md'), 'utf8');
const folder = path.join(root, 'src/server/telemetry');
const source = readdirSync(folder)
  .map((file) => readFileSync(path.join(folder, file), 'utf8'))
  .join('\n');

it('the page on monitoring has every attribute and metric that is sent, and no other', () => {
  const prefix = 'gen_ai.client.inference';
  const composed = [
    ...[...source.matchAll(/ counter\('([\w.]+)'/g)].map(([, name]) => `${prefix}.usage.${name}`),
    ...[...source.matchAll(/ histogram\('([\w.]+)'/g)].map(([, name]) => `${prefix}.operation.${name}`),
  ];
  const whole = [...source.matchAll(/'((?:gen_ai|ccr|server|http|error)\.[\w.]+)'/g)].map(([, name]) => name);
  const written = [...page.matchAll(/`((?:gen_ai|ccr|server|http|error)\.[\w.]+)`/g)].map(([, name]) => name);
  expect(composed).toHaveLength(7);
  expect([...new Set(written)].toSorted()).toEqual([...new Set([...whole, ...composed])].toSorted());
});

it('the page on monitoring has every variable that is read', () => {
  const read = [...source.matchAll(/'(OTEL_\w+)'/g)].map(([, name]) => name ?? '');
  expect(read.length).toBeGreaterThan(10);
  for (const name of read) expect(page).toContain(name);
});
