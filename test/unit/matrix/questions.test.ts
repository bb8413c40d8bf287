import { describe, expect, it } from 'vitest';
import type { DialectId } from '../../../src/canonical/request.ts';
import { createGatewayBench } from '../../support/gatewayBench.ts';
import { playStandIn } from '../../support/playStandIn.ts';
import { isObject } from '../../upstream/json.ts';
import { chatScript, turn } from '../../upstream/scripts.ts';
import type { Script } from '../../upstream/turn.ts';
import { providers, type LoopProvider } from '../prefix/loopProviders.ts';
import type { Answer, MatrixClient, Question } from './answer.ts';
import { clients } from './paths.ts';
import { waysFor } from './sampling.ts';

/** How each dialect writes an effort. */
const efforts: Record<DialectId, (effort: string) => object> = {
  'openai-chat': (effort) => ({ reasoning_effort: effort }),
  'openai-responses': (effort) => ({ reasoning: { effort } }),
  // Messages has no `minimal`.
  'anthropic-messages': (effort) =>
    effort === 'none'
      ? { thinking: { type: 'disabled' } }
      : { thinking: { type: 'adaptive' }, output_config: { effort: effort === 'minimal' ? 'low' : effort } },
};
const choices: Record<DialectId, Record<'any' | 'named' | 'none', unknown>> = {
  'openai-chat': { any: 'required', named: { type: 'function', function: { name: 'shell' } }, none: 'none' },
  'openai-responses': { any: 'required', named: { type: 'function', name: 'shell' }, none: 'none' },
  'anthropic-messages': { any: { type: 'any' }, named: { type: 'tool', name: 'shell' }, none: { type: 'none' } },
};

/** Calls the first two declared tools in one turn; answers when none is declared. */
const callTwo: Script = (conversation) => {
  const calls = conversation.tools.slice(0, 2).map((tool) => {
    const { properties } = tool.parameters;
    const names = isObject(properties) ? Object.keys(properties) : [];
    const input = Object.fromEntries(names.map((name) => [name, 'x']));
    return { tool, input: tool.kind === 'custom' ? 'x' : JSON.stringify(input) };
  });
  return calls.length === 0 ? answer(conversation) : turn({ reasoning: 'Two at once.', calls });
};
const answer = chatScript({ reasoning: 'Look: "a" < b.\n\n漢字', text: 'So it is. 🙂' });
const tools = ['shell', 'apply_patch', 'spawn_agent'];

async function ask(
  provider: LoopProvider,
  client: MatrixClient,
  asked: { question: Question; more?: object; script: Script; stream: boolean },
) {
  const { model, ...config } = provider.config;
  const { answer: upstream, refusals } = playStandIn(provider.profile, asked.script);
  const bench = createGatewayBench(
    {
      Providers: [{ ...config, models: [model] }],
      Router: { default: `${config.name},${model}`, tierRetries: { 'tier-0': { max_retries: 0 } } },
    },
    upstream,
  );
  const body = { ...client.ask(asked.question, asked.stream), ...asked.more };
  const { done, received } = bench.ask({ dialect: client.dialect, body });
  await done;
  expect(refusals).toEqual([]);
  expect(received.status, received.text).toBe(200);
  return asked.stream ? client.readStream(received.text) : client.readWhole(received.text);
}

function namesOf({ calls }: Answer): string[] {
  return calls.map(({ name }) => name);
}

const forms = [
  { stream: true, form: 'streamed' },
  { stream: false, form: 'whole' },
];
const providerRows = providers
  .filter(({ strict }) => strict)
  .map((provider, row) => ({ name: provider.name, provider, row }));
const clientColumns = clients.map((client, column) => ({ dialect: client.dialect, client, column }));

describe.each(providerRows)('$name', ({ provider, row }) => {
  describe.each(clientColumns)('asked by $dialect', ({ client, dialect, column }) => {
    // The questions take turns too, so that each provider and client meets most of them in both forms.
    const formsOf = (question: number) => waysFor(forms, row + question, column);

    it.each(formsOf(0))('answers, and reasons if it can, $form', async ({ stream }) => {
      const more = efforts[dialect]('high');
      const { text, reasoning } = await ask(provider, client, { question: {}, more, script: answer, stream });
      expect(text).toBe('So it is. 🙂');
      if (provider.wantsReasoning) expect(reasoning.trim()).toBe('Look: "a" < b.\n\n漢字');
    });

    it.each(formsOf(1))('calls two tools at once, $form', async ({ stream }) => {
      const answered = await ask(provider, client, { question: { tools }, script: callTwo, stream });
      expect(answered.finish).toBe('tool-calls');
      expect(namesOf(answered)).toEqual(['shell', 'apply_patch']);
    });

    it.each(formsOf(2))('accepts an image, and a schema for its answer, $form', async ({ stream }) => {
      expect(await ask(provider, client, { question: { image: true }, script: answer, stream })).toMatchObject({
        text: 'So it is. 🙂',
      });
      const { text } = await ask(provider, client, { question: { schema: true }, script: answer, stream });
      expect(JSON.parse(text)).toEqual({ answer: 1 });
      const beside = { question: { schema: true, tools }, script: answer, stream };
      expect((await ask(provider, client, beside)).calls).toEqual([]);
    });

    const choiceRuns = (['any', 'named', 'none'] as const).flatMap((choice, index) =>
      formsOf(3 + index).map((each) => ({ ...each, choice })),
    );
    it.each(choiceRuns)('accepts the tool choice $choice, $form', async ({ choice, stream }) => {
      const more = { tool_choice: choices[dialect][choice] };
      const script = choice === 'none' ? answer : callTwo;
      const answered = await ask(provider, client, { question: { tools }, more, script, stream });
      expect(namesOf(answered)[0]).toBe(choice === 'none' ? undefined : 'shell');
    });

    it.each(formsOf(6))('accepts any effort, $form', async ({ stream }) => {
      for (const effort of ['none', 'minimal', 'low', 'medium', 'high', 'xhigh', 'max']) {
        const more = efforts[dialect](effort);
        const { text } = await ask(provider, client, { question: {}, more, script: answer, stream });
        expect(text, effort).toBe('So it is. 🙂');
      }
    });
  });
});
