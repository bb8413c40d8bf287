import { expect, it, vi } from 'vitest';
import type { ProblemView } from '../../../src/control/protocol.ts';
import { createConfigProblems } from '../../../src/vscode/configProblems.ts';
import { stateOf } from './fakes.ts';

const file = vi.hoisted(() => '/home/me/config.json');
type Uri = { fsPath: string };

/** What CCR shows, and VS Code's JSON support. */
const editor = vi.hoisted(() => ({
  ours: new Map<string, { message: string }[]>(),
  ofJson: [] as { source: string; severity: number; range: { start: { line: number } } }[],
  isChanged: false,
  tell: (_: { uris: { fsPath: string }[] }): void => undefined,
}));

vi.mock('vscode', () => {
  const disposable = { dispose: () => undefined };
  const changed = () => void (editor.isChanged = true);
  return {
    l10n: { t: (text: string) => text },
    Uri: { file: (fsPath: string) => ({ fsPath }) },
    Position: class {
      with() {
        return this;
      }
    },
    Range: class {
      readonly start: unknown;
      constructor(start: unknown) {
        this.start = start;
      }
    },
    Diagnostic: class {
      readonly message: string;
      constructor(_: unknown, message: string) {
        this.message = message;
      }
    },
    DiagnosticSeverity: { Error: 0, Warning: 1 },
    window: { visibleTextEditors: [{ document: { uri: { fsPath: file } } }] },
    workspace: { textDocuments: [], onDidOpenTextDocument: () => disposable },
    languages: {
      createDiagnosticCollection: () => ({
        clear: () => (editor.ours.clear(), changed()),
        set: ({ fsPath }: Uri, found: { message: string }[]) => (editor.ours.set(fsPath, found), changed()),
      }),
      getDiagnostics: () => editor.ofJson,
      onDidChangeDiagnostics: (listener: typeof editor.tell) => ((editor.tell = listener), disposable),
    },
  };
});

const notJson: ProblemView = { severity: 'error', code: 'not-json', message: 'not JSON', file, line: 2 };
const noKey: ProblemView = { severity: 'warning', code: 'missing-key', message: 'no key', file, line: 5 };

function setUp(problems: ProblemView[]) {
  const shown = createConfigProblems({ subscriptions: [] } as never, () => Promise.resolve([]));
  editor.ofJson = [];
  const state = stateOf({ configFile: file, problems });
  shown.show({ kind: 'running', isOwner: true, state, url: '', token: undefined });
  return {
    showEdited: shown.showEdited,
    messages: () => (editor.ours.get(file) ?? []).map(({ message }) => message),
    /** How often diagnostics change until nothing does, as VS Code says a moment after each change. */
    settle: () => {
      let rounds = 0;
      for (; editor.isChanged && rounds < 20; rounds++) {
        editor.isChanged = false;
        editor.tell({ uris: [{ fsPath: file }] });
      }
      return rounds;
    },
  };
}

it('is quiet while the saved file is broken and the edited one is not', () => {
  const { showEdited, settle, messages } = setUp([notJson]);
  expect(settle()).toBe(1);
  showEdited(file, [noKey]);
  expect(settle()).toBe(1);
  expect(messages()).toEqual(['no key']);
});

it('leaves out what the JSON support says as well, for as long as it does', () => {
  const { settle, messages } = setUp([notJson, noKey]);
  settle();
  expect(messages()).toEqual(['not JSON', 'no key']);
  editor.ofJson = [{ source: 'json', severity: 0, range: { start: { line: 1 } } }];
  editor.isChanged = true;
  expect(settle()).toBe(2);
  expect(messages()).toEqual(['no key']);
  editor.ofJson = [];
  editor.isChanged = true;
  expect(settle()).toBe(2);
  expect(messages()).toEqual(['not JSON', 'no key']);
});
