import * as vscode from 'vscode';
import { gatewayUrl } from '../control/client.ts';
import type { Place } from './gatewayConnector.ts';
import type { LinkStatus } from './linkStatus.ts';
import {
  applyMutations,
  idleMutations,
  terminalMutations,
  type Mutation,
  type TerminalClient,
} from './terminalEnvironment.ts';

export type TerminalsParts = {
  collection: vscode.EnvironmentVariableCollection;
  scope: string;
  shimFolders: Readonly<Record<TerminalClient, string>>;
  /** The clients to set up, from the settings ccr.terminal. Empty when they turn this off. */
  clients(): readonly TerminalClient[];
};

/** Sets the environment variables of this window's new terminals. */
export type Terminals = {
  /** Call before the gateway runs: restored terminals should get the same values as before. */
  expect(place: Place): void;
  show(status: LinkStatus): void;
  /** Call when the settings ccr.terminal have changed. */
  refresh(): void;
  /** The variables of a single terminal in which a client uses CCR. Undefined when the settings do this for all terminals. */
  ownEnvironment(client: TerminalClient): Record<string, string> | undefined;
  /** The listener is called when terminals that are open lack variables that new ones get. */
  onOutdated(listener: () => void): void;
};

const types = {
  replace: vscode.EnvironmentVariableMutatorType.Replace,
  append: vscode.EnvironmentVariableMutatorType.Append,
  prepend: vscode.EnvironmentVariableMutatorType.Prepend,
};

export function createTerminals({ collection, scope, shimFolders, clients }: TerminalsParts): Terminals {
  let gateway: { url: string; token: string | undefined } | undefined;

  const outdatedListeners: (() => void)[] = [];
  let shown: string | undefined;

  function mutations(wanted: readonly TerminalClient[]): Mutation[] {
    if (wanted.length === 0) return [];
    const { env: environment, platform } = process;
    const facts = { scope, shimFolders, environment, platform, clients: wanted };
    return gateway ? terminalMutations({ ...facts, ...gateway }) : idleMutations(facts);
  }

  function refresh(): void {
    const wanted = mutations(clients());
    // Persistent variables are written to disk, where a token must not be.
    collection.persistent = gateway?.token === undefined;
    collection.description = gateway
      ? `${describe(clients())} use CCR at ${gateway.url}`
      : 'CCR does not run; the clients say so';
    setVariables(collection, wanted);
    const next = JSON.stringify(wanted);
    const isChanged = shown !== undefined && shown !== next;
    shown = next;
    if (isChanged && gateway && wanted.length > 0) for (const listener of outdatedListeners) listener();
  }

  function setGateway(next: typeof gateway): void {
    gateway = next;
    refresh();
  }

  return {
    expect: (place) =>
      setGateway(place.port === 0 ? undefined : { url: gatewayUrl(place.host, place.port), token: undefined }),
    show(status) {
      switch (status.kind) {
        case 'running':
        case 'newer':
          return setGateway({ url: status.url, token: status.token });
        case 'stopped':
        case 'failed':
          return setGateway(undefined);
        case 'starting':
          return undefined;
        default:
          return status satisfies never;
      }
    },
    refresh,
    ownEnvironment: (client) =>
      clients().includes(client) ? undefined : applyMutations(mutations([client]), process.env),
    onOutdated: (listener) => void outdatedListeners.push(listener),
  };
}

function describe(clients: readonly TerminalClient[]): string {
  const names = { codex: 'Codex and other OpenAI clients', claude: 'Claude Code and other Anthropic clients' };
  return clients.map((client) => names[client]).join(', ');
}

/** Changes only what differs: each change makes VS Code ask for a relaunch of every open terminal. */
function setVariables(collection: vscode.EnvironmentVariableCollection, mutations: readonly Mutation[]): void {
  const wanted = new Set(mutations.map(({ name }) => name));
  const present: string[] = [];
  collection.forEach((name) => void present.push(name));
  for (const name of present) if (!wanted.has(name)) collection.delete(name);
  for (const { kind, name, value, isOnce = false } of mutations) {
    const before = collection.get(name);
    if (before?.value === value && before.type === types[kind]) continue;
    // Otherwise after the shell's start-up file too, so that it does not override them.
    collection[kind](name, value, { applyAtProcessCreation: true, applyAtShellIntegration: !isOnce });
  }
}
