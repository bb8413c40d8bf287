import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';
import { createMetrics } from '../../../src/observe/metrics.ts';

type Panel = { id: number; title: string; gridPos: Box; targets: { expr: string; legendFormat: string }[] };
type Box = { x: number; y: number; w: number; h: number };

const dashboard = JSON.parse(
  readFileSync(path.join(import.meta.dirname, '../../../docs/grafana/ccr.json'), 'utf8'),
) as { panels: Panel[]; templating: { list: { name: string; query: string }[] } };

/** The samples that Prometheus has of our metrics, and their labels. `job` is from Prometheus itself. */
const samples = new Map(
  createMetrics(() => []).descriptions.flatMap(({ name, type, labels }) => {
    const known = [...labels, 'job'];
    if (type !== 'histogram') return [[name, known]];
    return [
      [`${name}_bucket`, [...known, 'le']],
      [`${name}_sum`, known],
      [`${name}_count`, known],
    ] as [string, string[]][];
  }),
);

const queries = [
  ...dashboard.panels.flatMap(({ targets }) => targets.map(({ expr }) => expr)),
  ...dashboard.templating.list.map(({ query }) => query),
];

it('each metric that the Grafana dashboard asks for exists, with the labels that it uses', () => {
  let asked = 0;
  for (const query of queries)
    for (const [, name = '', selector = ''] of query.matchAll(/\b(ccr_\w+)(?:\{([^}]*)\})?/g)) {
      asked++;
      const labels = samples.get(name);
      expect(labels, name).toBeDefined();
      const groups = /\bby \(([^)]*)\)/.exec(query)?.[1]?.split(', ') ?? [];
      for (const label of [...[...selector.matchAll(/(\w+)=~/g)].map((match) => match[1]), ...groups])
        expect(labels, `${name} in ${query}`).toContain(label);
    }
  expect(asked).toBeGreaterThan(30);
});

it('legends name labels that their query keeps', () => {
  for (const { targets } of dashboard.panels)
    for (const { expr, legendFormat } of targets) {
      const kept = /\bby \(([^)]*)\)/.exec(expr)?.[1]?.split(', ') ?? [];
      for (const [, label] of legendFormat.matchAll(/\{\{(\w+)\}\}/g)) expect(kept, expr).toContain(label);
    }
});

it('panels have ids of their own and do not overlap', () => {
  const { panels } = dashboard;
  expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
  const overlaps = panels.flatMap((a, index) =>
    panels
      .slice(index + 1)
      .filter((b) => isOver(a.gridPos, b.gridPos) || a.gridPos.x + a.gridPos.w > 24)
      .map((b) => `${a.title} and ${b.title}`),
  );
  expect(overlaps).toEqual([]);
});

function isOver(a: Box, b: Box): boolean {
  return a.x < b.x + b.w && b.x < a.x + a.w && a.y < b.y + b.h && b.y < a.y + a.h;
}
