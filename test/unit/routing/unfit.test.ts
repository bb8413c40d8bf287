import { describe, expect, it } from 'vitest';
import type { ChatRequest } from '../../../src/canonical/request.ts';
import type { RouteCandidate, Target } from '../../../src/routing/route.ts';
import { checksNeeded, failedCheck, isStale, staleTestMs, unfitLast } from '../../../src/routing/unfit.ts';

const nowMs = 100 * 86_400_000;
const target = (model: string): Target => ({ provider: 'p', model, tier: 'p' });
const candidate = (model: string, more: Partial<RouteCandidate> = {}): RouteCandidate => ({
  target: target(model),
  position: 'fallback',
  ...more,
});

/** Targets whose names begin with `bad` have failed; `old` long ago. */
const failed = ({ model }: Target) =>
  model.startsWith('bad')
    ? { check: 'image', testedAtMs: model.includes('old') ? nowMs - staleTestMs - 1 : nowMs - staleTestMs }
    : undefined;
const order = (candidates: RouteCandidate[], chosen?: Target): string[] =>
  unfitLast(candidates, chosen, failed, nowMs).map(({ target: { model }, position, failedTest }) => {
    expect(failedTest !== undefined).toBe(model.startsWith('bad') && !model.includes('old'));
    return position === 'failed-test' ? `${model}!` : model;
  });
const of = (...models: string[]): RouteCandidate[] => models.map((model) => candidate(model));

describe('targets that failed a test of what the request needs', () => {
  it('come after those that did not, and are marked', () => {
    expect(order(of('bad1', 'good1', 'bad2', 'good2'))).toEqual(['good1', 'good2', 'bad1!', 'bad2!']);
  });

  it('stay where they are if all failed, or what is left is on cooldown', () => {
    expect(order(of('bad1', 'bad2'))).toEqual(['bad1', 'bad2']);
    expect(order([candidate('bad1'), candidate('good', { cooldownUntilMs: nowMs + 1 })])).toEqual(['bad1', 'good']);
  });

  it('stay first if the client or the user chose them', () => {
    expect(order(of('bad1', 'good', 'bad2'), target('bad1'))).toEqual(['bad1', 'good', 'bad2!']);
  });

  it('stay where they are if the test is older than 30 days', () => {
    expect(order(of('bad-old', 'good'))).toEqual(['bad-old', 'good']);
    expect(isStale({ check: 'image', testedAtMs: nowMs - staleTestMs }, nowMs)).toBe(false);
    expect(isStale({ check: 'image', testedAtMs: nowMs - staleTestMs - 1 }, nowMs)).toBe(true);
  });
});

const empty = {
  dialect: 'openai-chat',
  stream: false,
  messages: [],
  tools: [],
  toolChoice: { type: 'auto' },
  sampling: {},
};
const image = { type: 'image', source: { type: 'url', url: 'https://host.test/a.png' } };
const tool = (name: string, more: object = {}) => ({ kind: 'function', name, description: '', ...more });

describe('the checks that a request depends on', () => {
  it.each([
    ['nothing', {}, []],
    ['an image', { messages: [{ role: 'user', parts: [image] }] }, ['image']],
    [
      'an image in the result of a tool',
      { messages: [{ role: 'tool', parts: [{ type: 'tool-result', callId: 'c', parts: [image] }] }] },
      ['image'],
    ],
    ['tools', { tools: [tool('read')] }, ['tool-call']],
    ['tools that are not to be called', { tools: [tool('read')], toolChoice: { type: 'none' } }, []],
    ['a hosted tool', { tools: [{ kind: 'hosted', name: 'web_search' }] }, []],
    ['apply_patch', { tools: [tool('apply_patch', { kind: 'custom' })] }, ['tool-call', 'apply-patch']],
    ['a namespace', { tools: [tool('read', { namespace: 'files' })] }, ['tool-call', 'namespaced-tool']],
    ['a schema', { outputFormat: { type: 'json-schema', name: 'a', schema: {} } }, ['structured-output']],
  ])('with %s', (_, parts, expected) => {
    expect(checksNeeded({ ...empty, ...parts } as unknown as ChatRequest)).toEqual(expected);
  });

  it('are looked for in the last test of the target', () => {
    const verdicts = ({ model }: Target) => (model === 'm' ? { failed: ['cache', 'image'], testedAtMs: 5 } : undefined);
    expect(failedCheck(target('m'), ['tool-call', 'image'], verdicts)).toEqual({ check: 'image', testedAtMs: 5 });
    expect(failedCheck(target('m'), ['tool-call'], verdicts)).toBeUndefined();
    expect(failedCheck(target('m'), [], verdicts)).toBeUndefined();
    expect(failedCheck(target('other'), ['image'], verdicts)).toBeUndefined();
  });
});
