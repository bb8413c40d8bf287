// Helpers of the suites, which run inside one extension host, one after the other, against the window's own gateway.
import assert from 'node:assert/strict';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import * as vscode from 'vscode';
import { findPortOwner } from '../../src/cli/portOwner.ts';
import { attach, type ControlClient } from '../../src/control/client.ts';
import { readRunFiles } from '../../src/control/runFiles.ts';
import type { GatewayState } from '../../src/control/protocol.ts';
import { scopeId } from '../../src/vscode/scope.ts';

const pollMs = 50;
const patienceMs = 30_000;

/** The sandbox's home folder, which run.mjs gives to the host. */
export const configFile = path.join(homedir(), '.claude-code-router', 'config.json');

export function port(): number {
  return vscode.workspace.getConfiguration('ccr').get<number>('port') ?? 0;
}

export function gatewayUrl(): string {
  return `http://127.0.0.1:${port()}`;
}

/** The scope of the window that runs the tests. */
export function windowScope(): string {
  return scopeId(vscode.workspace.workspaceFolders?.[0]?.uri.toString(), () =>
    assert.fail('The window has no folder.'),
  );
}

/** Repeats `check` until it passes. Fails with its last error after the time limit. */
export async function eventually<T>(check: () => T | Promise<T>, patience = patienceMs): Promise<T> {
  const deadline = performance.now() + patience;
  for (;;) {
    try {
      return await check();
    } catch (error) {
      if (performance.now() > deadline) throw error;
      await wait(pollMs);
    }
  }
}

/** The running gateway, as any other window would find it. */
export async function findGateway(): Promise<ControlClient> {
  const occupant = await attach({ homeDirectory: homedir(), port: port() });
  return occupant.kind === 'ccr' ? occupant.client : assert.fail(describePort(occupant.kind));
}

function describePort(occupant: string): string {
  const owner = findPortOwner(port(), process.platform);
  const started = readRunFiles(homedir()).map((each) => `${each.pid} on port ${each.port}`);
  return `Port ${port()} has: ${occupant}, ${JSON.stringify(owner)}. Gateways of ${process.pid}'s user: ${started.join() || 'none'}.`;
}

export async function gatewayState(): Promise<GatewayState> {
  return (await findGateway()).state();
}

/** Starts the gateway if it does not run. */
export async function start(): Promise<GatewayState> {
  await vscode.commands.executeCommand('ccr.startProxy');
  return eventually(gatewayState);
}

export async function stop(): Promise<void> {
  await answering({ showWarningMessage: () => 'Stop' }, async () => vscode.commands.executeCommand('ccr.stopProxy'));
}

/** Writes the config and waits until the gateway uses it. */
export async function useConfig(config: object): Promise<void> {
  await useConfigText(JSON.stringify(config, null, 2));
}

export async function useConfigText(text: string): Promise<void> {
  mkdirSync(path.dirname(configFile), { recursive: true });
  writeFileSync(configFile, text);
  await reload();
}

/** Back to the built-in demo. */
export async function useDemo(): Promise<void> {
  rmSync(configFile, { force: true });
  await reload();
}

/** Has the gateway read its config now. Waits for one that another test has just restarted. */
export async function reload(): Promise<void> {
  await eventually(async () => (await findGateway()).reload());
}

/** The answer that a chat client reads. */
export async function ask(
  base: string,
  model?: string,
  question = 'Hello',
): Promise<{ text: string; route: string | null }> {
  const reply = await fetch(`${base}/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ model, messages: [{ role: 'user', content: question }] }),
  });
  const body = (await reply.json()) as { choices?: { message: { content: string } }[] };
  assert.equal(reply.status, 200, JSON.stringify(body));
  return { text: body.choices?.[0]?.message.content ?? '', route: reply.headers.get('x-ccr-route') };
}

type Answers = Partial<
  Record<
    'showQuickPick' | 'showInputBox' | 'showErrorMessage' | 'showWarningMessage' | 'showInformationMessage',
    (...values: never[]) => unknown
  >
>;

/** Answers the window's prompts while `action` runs, by replacing functions of the `vscode` object, which the extension shares. */
export async function answering<T>(answers: Answers, action: () => Promise<T>): Promise<T> {
  const before = Object.fromEntries(Object.keys(answers).map((name) => [name, Reflect.get(vscode.window, name)]));
  Object.assign(
    vscode.window,
    Object.fromEntries(
      Object.entries(answers).map(([name, answer]) => [name, async (...values: never[]) => answer(...values)]),
    ),
  );
  const createInputBox = vscode.window.createInputBox;
  const { showInputBox } = answers;
  if (showInputBox) vscode.window.createInputBox = () => answeredBox(showInputBox);
  try {
    return await action();
  } finally {
    Object.assign(vscode.window, before);
    vscode.window.createInputBox = createInputBox;
  }
}

/** An input box that takes its answer at once. */
function answeredBox(answer: (...values: never[]) => unknown): vscode.InputBox {
  const listeners: Record<string, (value: string) => unknown> = {};
  const listenTo = (name: string) => (listener: (value: string) => unknown) => void (listeners[name] = listener);
  const box = {
    value: '',
    validationMessage: '',
    onDidAccept: listenTo('accept'),
    onDidHide: listenTo('hide'),
    onDidChangeValue: listenTo('change'),
    onDidTriggerButton: listenTo('button'),
    dispose: () => undefined,
    hide: () => listeners['hide']?.(''),
    show() {
      const given = Reflect.apply(answer, undefined, [box]) as string | undefined;
      if (given === undefined) {
        box.hide();
        return;
      }
      box.value = given;
      listeners['accept']?.('');
      assert.equal(box.validationMessage, '');
    },
  };
  return box as unknown as vscode.InputBox;
}

/** A quick pick that the extension opened: its rows, and what a user can do with it. */
export type OpenList = {
  rows(): readonly vscode.QuickPickItem[];
  choose(label: string): Promise<void>;
  /** Presses a row's button, by its tooltip. */
  press(label: string, tooltip: string): void;
  close(): void;
};

/** Runs `action`, which opens a quick pick with `createQuickPick`, and uses it as `use` says. */
export async function withList<T>(action: () => Thenable<unknown>, use: (list: OpenList) => Promise<T>): Promise<T> {
  const create = vscode.window.createQuickPick;
  const opened = Promise.withResolvers<OpenList>();
  vscode.window.createQuickPick = <Item extends vscode.QuickPickItem>(): vscode.QuickPick<Item> => {
    const list = create<Item>();
    let active: readonly Item[] = [];
    list.onDidChangeActive((items) => (active = items));
    let pressed: ((event: vscode.QuickPickItemButtonEvent<Item>) => unknown) | undefined;
    const real = list.onDidTriggerItemButton;
    Object.defineProperty(list, 'onDidTriggerItemButton', {
      value: (listener: typeof pressed) => {
        pressed = listener;
        return real.call(list, (event) => listener?.(event));
      },
    });
    const find = (label: string): Item => list.items.find((item) => item.label.endsWith(label)) ?? assert.fail(label);
    opened.resolve({
      rows: () => list.items,
      async choose(label) {
        // The workbench says when it has the new active row. It may not have the rows yet, and then sets its own.
        await eventually(() => {
          const item = find(label);
          if (!active.includes(item)) list.activeItems = [item];
          assert.ok(active.includes(item), `${label} is not the active row`);
        });
        await vscode.commands.executeCommand('workbench.action.acceptSelectedQuickOpenItem');
      },
      press(label, tooltip) {
        const item = find(label);
        const button = item.buttons?.find((each) => each.tooltip === tooltip) ?? assert.fail(tooltip);
        pressed?.({ item, button });
      },
      close: () => list.hide(),
    });
    return list;
  };
  try {
    const finished = action();
    const result = await use(await opened.promise);
    await finished;
    return result;
  } finally {
    vscode.window.createQuickPick = create;
  }
}

/** Closes a terminal and waits until the window has done so: it is in the window's list until then. */
export async function closeTerminal(terminal: vscode.Terminal): Promise<void> {
  terminal.dispose();
  await eventually(() => assert.ok(!vscode.window.terminals.includes(terminal), `${terminal.name} is still open`));
}

/** The environment of a new terminal's shell. */
export async function terminalEnvironment(name: string): Promise<Record<string, string>> {
  const { readFileSync } = await import('node:fs');
  const file = path.join(homedir(), `environment-${name}.txt`);
  rmSync(file, { force: true });
  const terminal = vscode.window.createTerminal({ name });
  try {
    terminal.sendText(`env > '${file}.part' && mv '${file}.part' '${file}'`);
    const text = await eventually(() => readFileSync(file, 'utf8'));
    const lines = text.split('\n').filter((line) => line.includes('='));
    return Object.fromEntries(
      lines.map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
    );
  } finally {
    await closeTerminal(terminal);
  }
}
