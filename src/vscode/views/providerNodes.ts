import { oneLine } from '../../canonical/visibleText.ts';
import { describeDetail, describeModelTest } from '../../control/describeModelTest.ts';
import type { ModelTest } from '../../control/modelTests.ts';
import type { GatewayState, TargetView } from '../../control/protocol.ts';
import { codeWord } from '../dashboard/codeWords.ts';
import { duration, waiting } from '../dashboard/words.ts';
import { spoken, type Translate } from '../../canonical/wording.ts';
import { icons, lines, shown, type NodeIcon, type TreeNode } from './treeNode.ts';

type Provider = GatewayState['providers'][number];

export type ProviderNodesInput = {
  state: GatewayState;
  /** Providers whose key is in VS Code's secret storage. */
  storedKeys: readonly string[];
  /** The latest contract tests. */
  tests?: readonly ModelTest[];
  now: number;
  t: Translate;
};

/** The providers of the config: how each does, its key, and its models in use. */
export function providerNodes({ state, storedKeys, tests = [], now, t }: ProviderNodesInput): TreeNode[] {
  return state.providers.map((provider) => {
    const targets = state.targets.filter(({ target }) => target.startsWith(`${provider.name},`));
    const health = healthOf(provider, targets, t);
    const hasKey = storedKeys.includes(provider.name);
    const isDemo = state.source === 'demo';
    return {
      id: `provider:${provider.name}`,
      label: shown(provider.name),
      description: health.text,
      tooltip: lines([
        oneLine(provider.name),
        health.text,
        health.words === undefined ? undefined : oneLine(health.words),
        provider.reason,
        provider.remedy,
      ]),
      icon: health.icon,
      context: isDemo ? 'demo' : hasKey ? 'provider.key' : 'provider',
      subject: provider.name,
      children: [
        ...(isDemo ? [] : [keyNode(provider, hasKey, t)]),
        ...targets.map((target) => modelNode(target, tests, now, t)),
      ],
    };
  });
}

type ProviderHealth = { text: string; icon: NodeIcon; words?: string | undefined };

/** `words`: the provider's own about its failure. */
function healthOf(provider: Provider, targets: readonly TargetView[], t: Translate): ProviderHealth {
  if (provider.needsKey) return { text: t('needs an API key'), icon: icons.waiting };
  if (!provider.enabled) return { text: t('off'), icon: icons.off };
  // The state has the targets of routes alone.
  if (targets.length === 0) return { text: t('in no route'), icon: icons.unknown };
  const failing = targets.filter(isFailing);
  const worst = failing[0]?.lastFailure;
  if (failing.length > 0 && failing.length === targets.length)
    return { text: failingText(worst, t), words: worst?.message, icon: icons.bad };
  if (failing.length > 0)
    return {
      text: t('{0} of {1} models fail', failing.length, targets.length),
      icon: icons.waiting,
      words: worst?.message,
    };
  if (targets.some(({ state }) => state === 'ok')) return { text: t('works'), icon: icons.good };
  return { text: t('no requests yet'), icon: icons.unknown };
}

function failingText(failure: TargetView['lastFailure'], t: Translate): string {
  return failure ? t('failing: {0}', shown(codeWord('error', failure.kind, t))) : t('on cooldown after a failure');
}

function isFailing({ state }: TargetView): boolean {
  return state === 'failing' || state === 'cooldown' || state === 'open';
}

function keyNode({ name, needsKey }: Provider, hasKey: boolean, t: Translate): TreeNode {
  const text = hasKey ? t('stored in VS Code') : needsKey ? t('missing') : t('from the config or the environment');
  return {
    id: `key:${name}`,
    label: t('API key'),
    description: text,
    tooltip: text,
    icon: { name: 'key', ...(needsKey && !hasKey && { color: 'problemsWarningIcon.foreground' }) },
    context: hasKey ? 'key.stored' : 'key',
    subject: name,
  };
}

const stateIcons: Record<TargetView['state'], NodeIcon> = {
  unknown: icons.unknown,
  ok: icons.good,
  failing: icons.waiting,
  cooldown: icons.bad,
  open: icons.bad,
  off: icons.off,
};

function modelNode(view: TargetView, tests: readonly ModelTest[], now: number, t: Translate): TreeNode {
  const { target, state, lastFailure, retryAt, firstContentMs } = view;
  const wait = retryAt !== undefined && retryAt > now ? t('others first for {0}', waiting(retryAt - now)) : undefined;
  const text = targetText(view, t);
  const test = tests.find((each) => each.target === target);
  const badge = test && spoken(describeModelTest(test), t);
  return {
    id: `model:${target}`,
    label: shown(target.slice(target.indexOf(',') + 1)),
    description: [text, wait, badge].filter((each) => each !== undefined).join(' · '),
    tooltip: lines([
      oneLine(target),
      text,
      wait,
      badge,
      ...(test?.results ?? []).flatMap((result) =>
        result.outcome === 'failed' ? `${result.name}: ${oneLine(describeDetail(result, t))}` : [],
      ),
      firstContentMs === undefined ? undefined : t('first content after {0} on average', duration(firstContentMs)),
      lastFailure && `${new Date(lastFailure.at).toLocaleString()}: ${oneLine(lastFailure.message)}`,
    ]),
    icon: stateIcons[state],
    context: 'model',
    subject: target,
  };
}

function targetText(view: TargetView, t: Translate): string {
  const { state, lastFailure } = view;
  if (isFailing(view)) return failingText(lastFailure, t);
  if (state === 'ok') return t('works');
  return state === 'off' ? t('off') : t('no requests yet');
}
