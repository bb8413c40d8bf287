// package.json's walkthrough: from the built-in demo to the first answer of a real model.
import type { CommandId } from './commands.ts';
import { milestones } from './windowMenus.ts';

export const walkthroughId = 'ccr.start';

/** Each step completes by what it asks for, however the user did it. */
type Step = { id: string; title: string; description: string; done: string; altText: string };

const link = (title: string, command: CommandId): string => `[${title}](command:${command})`;

const steps: readonly Step[] = [
  {
    id: 'demo',
    title: 'Try Codex without a key',
    description: `CCR runs: its item is in the status bar. Until you add a provider, a built-in demo answers, with no key and no network. Ask Codex something in a terminal.\n${link('Open Codex Terminal', 'ccr.openCodexTerminal')}`,
    done: `onContext:${milestones.answered}`,
    altText: 'A terminal in which Codex got an answer from the demo, and the status bar with CCR: demo.',
  },
  {
    id: 'provider',
    title: 'Add a provider',
    description: `Choose one and paste its key. CCR tries the key, keeps it in VS Code's secret storage and writes the config file.\n${link('Add Provider', 'ccr.addProvider')}`,
    done: `onContext:${milestones.hasProvider}`,
    altText: 'The list of providers that CCR knows.',
  },
  {
    id: 'answer',
    title: 'Get your first real answer',
    description: `Ask Codex something else: your provider answers, without a restart of Codex. Click CCR in the status bar to switch models in the middle of a conversation.\n${link('Open Codex Terminal', 'ccr.openCodexTerminal')}`,
    done: `onContext:${milestones.answeredByProvider}`,
    altText: 'The switcher: presets, routes and models with their windows and prices.',
  },
  {
    id: 'dashboard',
    title: 'See what it cost, and why it went there',
    description: `The dashboard has requests, tokens, cost and times, and the route of each request as a picture.\n${link('Open Dashboard', 'ccr.openDashboard')}`,
    done: 'onCommand:ccr.openDashboard',
    altText: 'The dashboard with figures and charts of some requests.',
  },
];

export function walkthroughs(): object[] {
  return [
    {
      id: walkthroughId,
      title: 'Get started with CCR',
      description: 'From the built-in demo to your own models in four steps.',
      icon: 'media/icon.png',
      steps: steps.map(({ id, title, description, done, altText }) => ({
        id: `${walkthroughId}.${id}`,
        title,
        description,
        media: { image: picture(id), altText },
        completionEvents: [done],
      })),
    },
  ];
}

/** Made from the running product by scripts/pictures.mjs. */
function picture(id: string): object {
  const file = (theme: string): string => `media/walkthrough/${id}-${theme}.png`;
  return { dark: file('dark'), light: file('light'), hc: file('dark'), hcLight: file('light') };
}
