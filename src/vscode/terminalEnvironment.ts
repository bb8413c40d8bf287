import path from 'node:path';
import { placeholderKey } from '../config/placeholder.ts';

/** One change to the environment of this window's terminals. */
export type Mutation = {
  kind: 'replace' | 'append' | 'prepend';
  name: string;
  value: string;
  /** Not again after the shell's start-up file, which would append it twice. */
  isOnce?: true;
};

/** A client that CCR can set up in terminals. */
export type TerminalClient = 'codex' | 'claude';

export type TerminalFacts = {
  /** When empty, only CCR_URL, CCR_SCOPE and NO_PROXY are set. */
  clients: readonly TerminalClient[];
  /** The gateway's URL, without `/v1`. */
  url: string;
  scope: string;
  /** The token that clients must send, if any. */
  token: string | undefined;
  /** The folder of each client's shim. */
  shimFolders: Readonly<Record<TerminalClient, string>>;
  environment: NodeJS.ProcessEnv;
  platform: NodeJS.Platform;
};

const unproxied = ',127.0.0.1,localhost';

/** The changes that make the clients in a terminal use CCR. */
export function terminalMutations(facts: TerminalFacts): Mutation[] {
  const { url, scope, clients } = facts;
  return [
    ...(clients.includes('codex') ? codexMutations(facts) : []),
    ...(clients.includes('claude') ? claudeMutations(facts) : []),
    ...shimsInPath(facts),
    { kind: 'replace', name: 'CCR_URL', value: url },
    { kind: 'replace', name: 'CCR_SCOPE', value: scope },
    ...noProxyNames(facts).map((name): Mutation => ({ kind: 'append', name, value: unproxied, isOnce: true })),
  ];
}

/**
 * The changes while no gateway runs: the clients say so then, instead of silently being the plain ones, and find a gateway that is
 * started later.
 */
export function idleMutations({ scope, ...facts }: Omit<TerminalFacts, 'url' | 'token'>): Mutation[] {
  const shims = shimsInPath(facts);
  return shims.length === 0 ? [] : [...shims, { kind: 'replace', name: 'CCR_SCOPE', value: scope }];
}

function codexMutations({ url, scope, token = placeholderKey }: TerminalFacts): Mutation[] {
  return [
    { kind: 'replace', name: 'OPENAI_BASE_URL', value: `${url}/w/${scope}/v1` },
    { kind: 'replace', name: 'OPENAI_API_KEY', value: token },
    { kind: 'replace', name: 'CODEX_API_KEY', value: token },
  ];
}

/** Puts the shims first in PATH, each only for terminals in which its client should use CCR. VS Code keeps one change of a variable. */
function shimsInPath({
  clients,
  shimFolders,
  platform,
}: Pick<TerminalFacts, 'clients' | 'shimFolders' | 'platform'>): Mutation[] {
  const { delimiter } = platform === 'win32' ? path.win32 : path.posix;
  const value = clients.map((client) => shimFolders[client] + delimiter).join('');
  return value === '' ? [] : [{ kind: 'prepend', name: 'PATH', value }];
}

/** Without `/v1` in the URL: Claude Code adds it. */
function claudeMutations({ url, scope, token = placeholderKey }: TerminalFacts): Mutation[] {
  return [
    { kind: 'replace', name: 'ANTHROPIC_BASE_URL', value: `${url}/w/${scope}` },
    { kind: 'replace', name: 'ANTHROPIC_AUTH_TOKEN', value: token },
    // Makes Claude Code say what each request is for (see routing/clientHints.ts).
    { kind: 'replace', name: 'CLAUDE_CODE_GATEWAY_HINT_HEADERS', value: '1' },
  ];
}

/** Sets `no_proxy` too where it is already set, since some programs read it first. Names are case-insensitive on Windows. */
function noProxyNames({ environment, platform }: TerminalFacts): string[] {
  const names = platform !== 'win32' && environment['no_proxy'] !== undefined ? ['NO_PROXY', 'no_proxy'] : ['NO_PROXY'];
  // A window that was opened from a terminal of CCR has them.
  return names.filter((name) => !(environment[name] ?? '').split(',').includes('127.0.0.1'));
}

/** The resulting values of the changed variables, for a terminal created with an explicit environment. */
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
 * VS Code's own proxy settings as variables: VS Code applies them on its main thread only. The names are lower-case, which
 * the gateway reads first.
 */
export function proxyVariables({ proxy, noProxy, support }: ProxySettings): Record<string, string> {
  if (support === 'off') return {};
  return {
    ...(proxy === '' ? {} : { http_proxy: proxy, https_proxy: proxy }),
    ...(noProxy.length === 0 ? {} : { no_proxy: noProxy.join(',') }),
  };
}
