import { describe, expect, it } from 'vitest';
import { createGatewayBench, replyWith, type Asked } from '../../support/gatewayBench.ts';

const providers = ['plain', 'deep', 'small'];
const config = (rules: object[]): object => ({
  Providers: providers.map((name) => ({ name, api_base_url: `http://${name}.test/v1`, models: ['m'] })),
  Router: { default: 'plain,m', think: 'deep,m', rules },
  Presets: { cool: { route: 'small,m', temperature: 0.1 } },
});

const ask = (more: Partial<Asked> = {}): Asked => ({
  dialect: 'openai-chat',
  client: 'codex',
  body: { model: 'plain,m', messages: [{ role: 'user', content: 'Hi' }] },
  ...more,
});

async function run(rules: object[], asked: Asked = ask(), off: string[] = []) {
  const disabled = off.map((name) => ({ name, enabled: false as const, reason: 'it has no key.' }));
  const reply = { choices: [{ index: 0, message: { role: 'assistant', content: 'Hi' }, finish_reason: 'stop' }] };
  const bench = createGatewayBench(config(rules), () => Promise.resolve(replyWith(200, reply)), disabled);
  await bench.ask(asked).done;
  return { call: bench.calls[0], record: bench.records[0], logged: bench.logged.at(-1) };
}

const codexToDeep = { when: { client: 'codex' }, route: 'think', reason: 'Codex thinks' };

describe('Router.rules', () => {
  it('come before the model that the client names, and are explained', async () => {
    const { call, record, logged } = await run([{ when: { client: 'other' }, route: 'small,m' }, codexToDeep]);
    expect(call?.url).toContain('deep.test');
    expect(record).toMatchObject({ reason: 'rule', route: { rule: { place: 2, reason: 'Codex thinks' } } });
    expect(logged).toContain('(rule 2: Codex thinks)');
  });

  it('apply in their order, and may name a preset with its parameters', async () => {
    const { call } = await run([{ when: { class: 'main' }, preset: 'cool' }, codexToDeep]);
    expect(call?.url).toContain('small.test');
    expect(JSON.parse(call?.body ?? '')).toMatchObject({ temperature: 0.1 });
  });

  it('do not come before a preset in the URL', async () => {
    const { record } = await run([codexToDeep], { ...ask(), preset: 'cool' });
    expect(record?.reason).toBe('preset');
  });

  it('are skipped if their provider is off', async () => {
    const { call, record } = await run([codexToDeep], ask(), ['deep']);
    expect(call?.url).toContain('plain.test');
    expect(record?.reason).toBe('direct');
  });
});
