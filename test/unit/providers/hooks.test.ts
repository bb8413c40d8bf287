// An imaginary provider that streams reasoning in a field of its own and refuses with its own code, through the whole gateway.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cite } from '../../../src/providers/cite.ts';
import { reasoningField } from '../../../src/providers/bodyEdits.ts';
import { errorCodes } from '../../../src/providers/errorRules.ts';
import { providerQuirks } from '../../../src/providers/findProvider.ts';
import type { ProviderQuirk } from '../../../src/providers/quirk.ts';
import { createGatewayBench, replyWith } from '../../support/gatewayBench.ts';
import { find } from './find.ts';

const imaginary: ProviderQuirk = {
  name: 'imaginary',
  reasoning: { arrives: 'in `thoughts`', source: 'this test' },
  errors: [cite('this test', errorCodes({ permission: ['4711'] }))],
  wires: { 'openai-chat': () => ({ replies: [cite('this test', reasoningField('thoughts'))] }) },
};

const all = providerQuirks as ProviderQuirk[];
beforeAll(() => void all.push(imaginary));
afterAll(() => void all.pop());

const config = {
  Providers: [{ name: 'imaginary', api_base_url: 'http://imaginary.test/v1', api_key: 'k', models: ['m'] }],
  Router: { default: 'imaginary,m', tierRetries: { 'tier-0': { max_retries: 0 } } },
};

async function askFor(reply: ReturnType<typeof replyWith>, stream: boolean) {
  const bench = createGatewayBench(config, () => Promise.resolve(reply));
  const body = { model: 'auto', stream, messages: [{ role: 'user', content: 'Hello' }] };
  const { done, received } = bench.ask({ dialect: 'openai-chat', body });
  await done;
  return received;
}

const frame = (json: object): string => `data: ${JSON.stringify(json)}\n\n`;
const chunk = (delta: object): string => frame({ id: 'c', model: 'm', choices: [{ index: 0, delta }] });

describe('an edit of raw replies', () => {
  it('turns off the relay of frames, so that clients get the edited reply', () => {
    expect(find({ name: 'imaginary' }).quirks.relays).toBe('nothing');
    expect(find({ name: 'openai' }).quirks.editReply).toBeUndefined();
  });

  it('reaches a client that streams', async () => {
    const end = frame({ choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] });
    const text = `${chunk({ thoughts: 'Hm.' })}${chunk({ content: 'Hi.' })}${end}data: [DONE]\n\n`;
    const received = await askFor(replyWith(200, text), true);
    expect(received.text).toContain('"reasoning_content":"Hm."');
    expect(received.text).not.toContain('thoughts');
  });

  it('reaches a client that does not stream', async () => {
    const message = { role: 'assistant', thoughts: 'Hm.', content: 'Hi.' };
    const reply = replyWith(200, { id: 'c', model: 'm', choices: [{ index: 0, message, finish_reason: 'stop' }] });
    const received = await askFor(reply, false);
    expect(received.text).toContain('"reasoning_content":"Hm."');
    expect(received.text).not.toContain('thoughts');
  });
});

describe('an error code of its own', () => {
  const error = { error: { code: '4711', message: 'No credit.' } };

  it.each([
    ['by status', replyWith(429, error)],
    ['inside a 200', replyWith(200, error)],
    ['inside a stream', replyWith(200, frame(error))],
  ])('counts %s', async (_, reply) => {
    expect((await askFor(reply, false)).status).toBe(403);
  });
});
