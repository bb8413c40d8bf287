import path from 'node:path';
import { placeholderKey } from '../config/placeholder.ts';

/** One change to the environment of this window's terminals. */
export type Mutation = { kind: 'replace' | 'append' | 'prepend'; name: string; value: string };

/** A client that terminals can be prepared for. */
export type TerminalClient = 'codex' | 'claude';

export type TerminalFacts = {
  /** Without any, only the way to the gateway is told. */
  clients: readonly TerminalClient[];
  /** The gateway's, without `/v1`. */
  url: string;
  scope: string;
  /** What clients must show, if anything. */
  token: string | undefined;
  /** The folder with our `codex`. */
  shimFolder: string;
  environment: NodeJS.ProcessEnv;
  platform: NodeJS.Platform;
};

const unproxied = ',127.0.0.1,localhost';

/** What makes the clients in a terminal go through CCR. */
export function terminalMutations(facts: TerminalFacts): Mutation[] {
  const { url, scope, clients } = facts;
  return [
    ...(clients.includes('codex') ? codexMutations(facts) : []),
    ...(clients.includes('claude') ? claudeMutations(facts) : []),
    { kind: 'replace', name: 'CCR_URL', value: url },
    { kind: 'replace', name: 'CCR_SCOPE', value: scope },
    ...noProxyNames(facts).map((name): Mutation => ({ kind: 'append', name, value: unproxied })),
  ];
}

/** With our `codex` in front of the PATH, which only those want who want Codex to go through CCR. */
function codexMutations({ url, scope, token = placeholderKey, shimFolder, platform }: TerminalFacts): Mutation[] {
  const delimiter = (platform === 'win32' ? path.win32 : path.posix).delimiter;
  return [
    { kind: 'replace', name: 'OPENAI_BASE_URL', value: `${url}/w/${scope}/v1` },
    { kind: 'replace', name: 'OPENAI_API_KEY', value: token },
    { kind: 'replace', name: 'CODEX_API_KEY', value: token },
    { kind: 'prepend', name: 'PATH', value: shimFolder + delimiter },
  ];
}

/** Claude Code adds the version to the URL by itself. */
function claudeMutations({ url, scope, token = placeholderKey }: TerminalFacts): Mutation[] {
  return [
    { kind: 'replace', name: 'ANTHROPIC_BASE_URL', value: `${url}/w/${scope}` },
    { kind: 'replace', name: 'ANTHROPIC_AUTH_TOKEN', value: token },
  ];
}

/** The lower-case name only where it is in use already, since some programs read it first. Windows knows no case. */
function noProxyNames({ environment, platform }: TerminalFacts): string[] {
  return platform !== 'win32' && environment['no_proxy'] !== undefined ? ['NO_PROXY', 'no_proxy'] : ['NO_PROXY'];
}

/** The same for a terminal that is given its whole environment at once. */
export function applyMutations(mutations: readonly Mutation[], environment: NodeJS.ProcessEnv): Record<string, string> {
  const changes = mutations.map(({ kind, name, value }) => {
    const before = environment[name] ?? '';
    switch (kind) {
      case 'replace':
        return [name, value];
      case 'append':
        return [name, before + value];
      case 'prepend':
        return [name, value + before];
      default:
        return kind satisfies never;
    }
  });
  return Object.fromEntries(changes);
}

export type ProxySettings = { proxy: string; noProxy: readonly string[]; support: string };

/**
 * VS Code's own proxy settings as variables, since it applies them on its main thread only. The lower-case names, because
 * the gateway reads those first.
 */
export function proxyVariables({ proxy, noProxy, support }: ProxySettings): Record<string, string> {
  if (support === 'off') return {};
  return {
    ...(proxy === '' ? {} : { http_proxy: proxy, https_proxy: proxy }),
    ...(noProxy.length === 0 ? {} : { no_proxy: noProxy.join(',') }),
  };
}
