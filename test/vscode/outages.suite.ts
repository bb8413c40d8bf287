// What the window says when a provider fails, and when it works again.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'mocha';
import { always, turn } from '../upstream/scripts.ts';
import { startStandIn, type StandIn } from '../upstream/standIn.ts';
import {
  answering,
  ask,
  eventually,
  gatewayState,
  gatewayUrl,
  start,
  useConfig,
  useDemo,
  windowScope,
} from './support.ts';

const ofWindow = (): string => `${gatewayUrl()}/w/${windowScope()}/v1`;
const goodKey = 'the-key-that-the-provider-accepts';

type Said = { text: string; actions: { title: string; run(): unknown }[] };

describe('a provider that fails', () => {
  let refusing: StandIn;
  let fallback: StandIn;
  const warned: Said[] = [];
  const informed: Said[] = [];
  const listening = <T>(action: () => Promise<T>): Promise<T> =>
    answering(
      {
        showWarningMessage: (text: string, ...actions: never[]) => void warned.push({ text, actions }),
        showInformationMessage: (text: string, ...actions: never[]) => void informed.push({ text, actions }),
      },
      action,
    );
  const configOf = (api_key: string): object => ({
    Providers: [
      { name: 'refusing', api_base_url: refusing.url, api_key, models: ['[a](command:x)'] },
      { name: 'fallback', api_base_url: fallback.url, models: ['small'] },
    ],
    Router: { default: 'refusing,[a](command:x)', think: 'fallback,small' },
  });

  before(async () => {
    await start();
    refusing = await startStandIn({
      provider: 'openai-chat',
      script: always(turn({ text: 'mended' })),
      apiKey: goodKey,
    });
    fallback = await startStandIn({ provider: 'openai-chat', script: always(turn({ text: 'from the fallback' })) });
    await useConfig(configOf('a-key-that-is-refused'));
  });
  after(async () => {
    await useDemo();
    await Promise.all([refusing.close(), fallback.close()]);
  });

  it('causes one message, however many requests it fails', async () => {
    await listening(async () => {
      for (let count = 0; count < 8; count++) assert.equal((await ask(ofWindow())).text, 'from the fallback');
      await eventually(() => assert.equal(warned.length, 1));
    });
    assert.match(
      warned[0]?.text ?? '',
      /^refusing refused its API key\. fallback,small answered\. It said: “.*api key/i,
    );
    assert.deepEqual(
      warned[0]?.actions.map(({ title }) => title),
      ['Set Key', 'Switch', 'Retry', "Don't Show for This Provider"],
    );
  });

  it('is degraded in the state that the status bar shows, with its own words', async () => {
    const { status, targets } = await gatewayState();
    assert.equal(status, 'degraded');
    const failing = targets.find(({ target }) => target.startsWith('refusing,'));
    assert.equal(failing?.lastFailure?.kind, 'auth');
  });

  it('is tested by Retry, which says that it still fails', async () => {
    const retry = warned[0]?.actions.find(({ title }) => title === 'Retry');
    await listening(async () => retry?.run());
    assert.match(warned.at(-1)?.text ?? '', /does not work: the key or its permissions were rejected/);
    // VS Code would make a link of this part of a model's name.
    assert.doesNotMatch(warned.at(-1)?.text ?? '', /\]\(command/);
  });

  it('works again once its key is mended, which is said once', async () => {
    await listening(async () => {
      await useConfig(configOf(goodKey));
      assert.equal((await ask(ofWindow())).text, 'mended');
      await eventually(() => assert.equal(informed.filter(({ text }) => text === 'refusing works again.').length, 1));
    });
    await eventually(async () => assert.equal((await gatewayState()).status, 'healthy'));
  });

  it('is not reported again if the user does not want that', async () => {
    warned.length = 0;
    // Each in a conversation of its own: one that the fallback has answered may stay with it.
    await listening(async () => {
      await useConfig(configOf('a-key-that-is-refused'));
      await ask(ofWindow(), undefined, 'First question');
      await eventually(() => assert.equal(warned.length, 1));
      await warned[0]?.actions.find(({ title }) => title.startsWith("Don't Show"))?.run();
      await useConfig(configOf(goodKey));
      await ask(ofWindow(), undefined, 'Second question');
      await useConfig(configOf('a-key-that-is-refused'));
      await ask(ofWindow(), undefined, 'Third question');
      await eventually(async () => assert.equal((await gatewayState()).status, 'degraded'));
      // That the outage of another provider is reported shows that this one's would have been by now.
      await useConfig({
        Providers: [
          { name: 'another', api_base_url: refusing.url, api_key: 'refused-too', models: ['small'] },
          { name: 'fallback', api_base_url: fallback.url, models: ['small'] },
        ],
        Router: { default: 'another,small', think: 'fallback,small' },
      });
      await ask(ofWindow(), undefined, 'Another question');
      await eventually(() => assert.match(warned.at(-1)?.text ?? '', /^another refused its API key/));
    });
    assert.equal(warned.length, 2);
  });
});
