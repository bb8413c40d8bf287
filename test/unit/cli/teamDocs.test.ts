import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, it } from 'vitest';
import { configSchema } from '../../../src/config/schema.ts';

const docs = path.join(import.meta.dirname, '../../../docs');
const team = readFileSync(path.join(docs, 'team.md'), 'utf8');
const commands = readFileSync(path.join(docs, 'cli.md'), 'utf8');
const source = path.join(import.meta.dirname, '../../../src');
const sources = readdirSync(source, { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.ts'))
  .map((name) => readFileSync(path.join(source, name), 'utf8'))
  .join('\n');
const blockOf = (language: string): string =>
  new RegExp(`\`\`\`${language}\\n([\\s\\S]+?)\`\`\``).exec(team)?.[1] ?? '';

it('the options of the Dockerfile and the unit are those of ccr start', () => {
  for (const block of [blockOf('dockerfile'), blockOf('ini')]) {
    const command = /^(?:CMD|ExecStart=).*$/m.exec(block)?.[0] ?? '';
    const options = [...command.matchAll(/--[a-z-]+/g)].map(([option]) => option);
    expect(options.length).toBeGreaterThan(2);
    for (const option of options) expect(commands).toMatch(new RegExp(`\\| \`(?:-\\w, )?${option} .*\`start\``));
  }
});

it('the values of Helm fit the Dockerfile: port, folder of the config, and time to drain', () => {
  const [values, image] = [blockOf('yaml'), blockOf('dockerfile')];
  const port = /EXPOSE (\d+)/.exec(image)?.[1] ?? '';
  expect(image).toContain(`"--port", "${port}"`);
  expect([...values.matchAll(/port: (\d+)/g)].map(([, each]) => each)).toEqual([port, port]);
  const folder = /"--config", "(.+?)\/config\.json"/.exec(image)?.[1] ?? '';
  expect(values).toContain(`path: ${folder}\n`);
  const drain = Number(/"--shutdown-timeout", "(\d+)"/.exec(image)?.[1]);
  const sleep = Number(/\['sleep', '(\d+)'\]/.exec(values)?.[1]);
  expect(Number(/terminationGracePeriodSeconds: (\d+)/.exec(values)?.[1])).toBeGreaterThan(drain + sleep);
});

it('the config is valid, and all that it needs is in the environment', () => {
  const config = configSchema.parse({
    ...(JSON.parse(blockOf('json')) as object),
    Providers: [],
    Router: { default: 'one,m' },
  });
  expect(config.Budgets.map(({ scope }) => scope)).toEqual(['*', 'bob']);
  const [, table = ''] = /in their environment:\n\n([\s\S]+?)\n\n/.exec(team) ?? [];
  const variables = [...table.matchAll(/^\| `(\w+)`/gm)].map(([, name]) => name);
  for (const [, name] of blockOf('json').matchAll(/\$\{(\w+)\}/g)) expect(variables).toContain(name);
  for (const name of variables) expect(sources, name).toContain(`'${name}'`);
});

it('the balancers have the gateways of the loop that restarts them, the files of their text, and one token', () => {
  const [, units = ''] = /for unit in ([^;]+);/.exec(team) ?? [];
  const ports = [...units.matchAll(/ccr@(\d+)/g)].map(([, port]) => port);
  expect(ports).toHaveLength(3);
  for (const balancer of [blockOf('nginx'), blockOf('haproxy')]) {
    expect([...balancer.matchAll(/127\.0\.0\.1:(\d+)/g)].map(([, port]) => port)).toEqual(ports);
    expect(balancer).toContain('"Bearer the-token-of-the-gateways"');
  }
  expect(blockOf('haproxy')).toContain('map_str(/etc/haproxy/ccr-tokens)');
  expect(blockOf('ini')).toContain('--port %i');
});

/** Where there is systemd. Node may be elsewhere than in the page. */
const analyze = spawnSync('systemd-analyze', ['--version']).status === 0;
it.skipIf(!analyze)('systemd accepts the unit', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'ccr-unit-'));
  const file = path.join(folder, 'ccr@3461.service');
  writeFileSync(file, blockOf('ini').replace('/usr/bin/node', process.execPath));
  const { status, stdout, stderr } = spawnSync('systemd-analyze', ['verify', file], { encoding: 'utf8' });
  rmSync(folder, { recursive: true });
  expect([status, stdout + stderr]).toEqual([0, '']);
});
