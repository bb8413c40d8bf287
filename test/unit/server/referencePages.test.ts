import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { controlEndpoints, createEndpointFinder, type Endpoint } from '../../../src/control/endpoints.ts';
import { createMetrics } from '../../../src/observe/metrics.ts';
import { endpoints, urlPrefixes } from '../../../src/server/endpoints.ts';
import { table, withSections } from '../../support/markdown.ts';

// The tables in docs/reference/endpoints.md and metrics.md come from the code. UPDATE=1 rewrites them.

const folder = path.join(import.meta.dirname, '../../../docs/reference');

const tokenNames: Record<Endpoint['token'], string> = { none: 'none', client: 'client', control: 'run file' };

function endpointTable(rows: Record<string, Endpoint>): string {
  return table(
    ['Endpoint', 'Token', ''],
    Object.values(rows).map(({ method, path: url, token, description }) => [
      `\`${method} ${url}\``,
      tokenNames[token],
      description,
    ]),
  );
}

const metricRows = createMetrics(() => []).descriptions.map(({ name, type, labels, help }) => [
  `\`${name}${labels.length === 0 ? '' : `{${labels.join(',')}}`}\``,
  type,
  help,
]);

describe.each<[string, Record<string, string>]>([
  [
    'endpoints.md',
    {
      endpoints: endpointTable(endpoints),
      prefixes: table(
        ['Prefix', ''],
        Object.entries(urlPrefixes).map(([prefix, description]) => [`\`${prefix}\``, description]),
      ),
      control: endpointTable(controlEndpoints),
    },
  ],
  ['metrics.md', { metrics: table(['Metric', 'Type', ''], metricRows) }],
])('docs/reference/%s', (page, sections) => {
  const file = path.join(folder, page);

  it('is what the code says (UPDATE=1 rewrites it)', () => {
    const stated = withSections(readFileSync(file, 'utf8'), sections);
    if (process.env['UPDATE'] === '1') writeFileSync(file, stated);
    expect(readFileSync(file, 'utf8')).toBe(stated);
  });

  it('links to files that exist', () => {
    const links = [...readFileSync(file, 'utf8').matchAll(/\]\((?!https?:)([^)#\s]+)/g)].map(([, link = '']) => link);
    expect(links.filter((link) => !existsSync(path.join(folder, link)))).toEqual([]);
  });
});

it('describes every metric that the gateway exports', async () => {
  const metrics = createMetrics(() => []);
  const exported = [...(await metrics.text()).matchAll(/^# HELP (\w+)/gm)].map(([, name]) => name);
  expect(metrics.descriptions.map(({ name }) => name).toSorted()).toEqual(exported.toSorted());
});

describe('createEndpointFinder', () => {
  const find = createEndpointFinder(endpoints);

  it.each([
    ['GET', '/models', 'models', ''],
    ['GET', '/', 'hello', ''],
    ['POST', '/responses/compact', 'compact', ''],
    ['GET', '/responses/resp_1-a', 'readResponse', 'resp_1-a'],
    ['DELETE', '/responses/resp_1-a', 'deleteResponse', 'resp_1-a'],
    ['GET', '/responses/compact', undefined, ''],
    ['GET', '/responses/a/b', undefined, ''],
    ['POST', '/models', undefined, ''],
    ['GET', '/modelsx', undefined, ''],
    ['GET', '/constructor', undefined, ''],
  ])('%s %s', (method, url, name, parameter) => {
    expect(find(method, url)).toMatchObject({ name, parameter });
  });

  it('lists the methods that a path takes', () => {
    expect(find('PUT', '/responses').methods).toEqual(['POST']);
    expect(find('PUT', '/responses/a').methods).toEqual(['GET', 'DELETE']);
    expect(find('PUT', '/nothing').methods).toEqual([]);
  });

  it('finds a scope by its id only', () => {
    const findControl = createEndpointFinder(controlEndpoints);
    expect(findControl('PUT', '/ccr/scopes/abc')).toMatchObject({ name: 'setScope', parameter: 'abc' });
    expect(findControl('PUT', `/ccr/scopes/${'a'.repeat(65)}`).name).toBeUndefined();
    expect(findControl('PUT', '/ccr/scopes/').name).toBeUndefined();
  });
});
