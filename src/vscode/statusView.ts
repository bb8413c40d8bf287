import { oneLine, visibleText } from '../canonical/visibleText.ts';
import type { GatewayState, ProblemView } from '../control/protocol.ts';
import type { LinkProblem, LinkStatus } from './linkStatus.ts';
import { choiceName } from './scope.ts';

/** What the status bar shows. */
export type StatusView = {
  /** May contain VS Code's `$(icon)` syntax. */
  text: string;
  /** Markdown. */
  tooltip: string;
  /** For screen readers. */
  label: string;
  tone: 'normal' | 'warning' | 'error';
};

type Running = Extract<LinkStatus, { kind: 'running' }>;

export function statusView(status: LinkStatus, scope: string): StatusView {
  switch (status.kind) {
    case 'starting':
      return plain('$(loading~spin) CCR', 'CCR is starting');
    case 'stopped':
      return plain('$(circle-slash) CCR: off', 'CCR is not running');
    case 'newer':
      return {
        ...plain(
          `$(link-external) CCR :${status.port}`,
          `CCR ${status.version}, newer than this window's, runs on port ${status.port}`,
        ),
        tone: 'warning',
      };
    case 'failed': {
      const message = problemMessage(status.problem);
      return {
        text: '$(error) CCR: failed',
        tooltip: escapeMarkdown(message),
        label: `CCR failed: ${message}`,
        tone: 'error',
      };
    }
    case 'running':
      return runningView(status, scope);
    default:
      return status satisfies never;
  }
}

/** One or two sentences to show to the user. */
export function problemMessage(problem: LinkProblem): string {
  switch (problem.kind) {
    case 'port-in-use': {
      const by = problem.holder ? `${problem.holder.name} (pid ${problem.holder.pid})` : 'another program';
      return `CCR can't start: port ${problem.port} is in use by ${by}.`;
    }
    case 'config':
      return `CCR can't start with this config. ${problem.message}`;
    case 'crashed':
      return problem.message;
    case 'other':
      return `CCR can't start: ${problem.message}`;
    default:
      return problem satisfies never;
  }
}

/** The name of this window's preset or route, else `demo` or `auto`. */
export function activeName({ scopes, source }: GatewayState, scope: string): string {
  return choiceName(scopes[scope]) ?? (source === 'demo' ? 'demo' : 'auto');
}

function plain(text: string, sentence: string): StatusView {
  return { text, tooltip: `${escapeMarkdown(sentence)}.`, label: sentence, tone: 'normal' };
}

function runningView(status: Running, scope: string): StatusView {
  const { isOwner, state } = status;
  const name = activeName(state, scope);
  const needsAttention = state.status !== 'healthy' || state.stale;
  const icon = needsAttention ? 'warning' : isOwner ? 'radio-tower' : 'link';
  return {
    text: `$(${icon}) CCR: ${withoutIcons(name)} :${state.port}`,
    tooltip: runningTooltip(status, name),
    label: `CCR: ${name}, port ${state.port}${needsAttention ? ', needs attention' : ''}`,
    tone: needsAttention ? 'warning' : 'normal',
  };
}

function runningTooltip({ isOwner, state, url }: Running, name: string): string {
  const providers = state.providers.map(
    ({ name, enabled }) => `$(${enabled ? 'pass' : 'circle-slash'}) ${escapeMarkdown(name)}`,
  );
  const lines = [
    `**CCR ${escapeMarkdown(state.version)}** at ${escapeMarkdown(url)}`,
    isOwner ? 'Runs in this window.' : `Attached to the gateway of process ${state.pid}.`,
    `Routing: ${escapeMarkdown(routing(state, name))}`,
    `Providers: ${providers.join(' ')}`,
    ...warnings(state).map((warning) => `$(warning) ${escapeMarkdown(warning)}`),
    ...state.problems.map((problem) => `$(${problem.severity}) ${escapeMarkdown(problemLine(problem))}`),
  ];
  return lines.join('\n\n');
}

/** Omits the reasons that the problems include, with their place. */
function warnings({ stale, status, reasons, problems }: GatewayState): string[] {
  const others = reasons.filter((reason) => !problems.some(({ message }) => reason.includes(message)));
  const known = others.length > 0 ? others : ["The default route can't answer."];
  return [
    ...(stale ? ["The config can't be used. CCR keeps using the last valid one."] : []),
    ...(status === 'healthy' ? [] : known),
  ];
}

function routing({ source, presets, routes }: GatewayState, name: string): string {
  if (source === 'demo') return 'the built-in demo, until you create a config';
  const target =
    presets.find((preset) => preset.name === name)?.route ?? routes.find((route) => route.name === name)?.target;
  return target === undefined ? "the config's own" : `${name} (${target})`;
}

function problemLine({ message, file, line }: ProblemView): string {
  if (file === undefined) return message;
  const name = file.split(/[\\/]/).at(-1) ?? file;
  return `${line === undefined ? name : `${name}:${line}`}: ${message}`;
}

/** A name in the status bar, where `$(name)` is an icon. */
function withoutIcons(name: string): string {
  return oneLine(name, 60).replaceAll('$(', '$ (');
}

function escapeMarkdown(text: string): string {
  const line = visibleText(text, 2000).replaceAll('\n', ' ');
  return line.replaceAll(/[\\`*_{}[\]()#+!|<>~$]/g, String.raw`\$&`);
}
