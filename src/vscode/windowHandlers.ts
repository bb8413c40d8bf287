import { existsSync } from 'node:fs';
import * as vscode from 'vscode';
import type { ModelTest } from '../control/modelTests.ts';
import type { CommandHandlers } from '../manifest/commands.ts';
import type { CliProgram } from './askCli.ts';
import { captureReports } from './captureReports.ts';
import { examineByCli } from './examineByCli.ts';
import { createHandlers, type HandlerParts } from './handlers.ts';
import { issuePageOf } from './issuePage.ts';
import { createSwitcherParts, type SwitcherParts } from './switchPreset.ts';
import { testModelContract } from './testModel.ts';
import type { ScopeKeeper } from './scope.ts';
import { createViewHandlers, type ViewHandlerParts } from './views/viewHandlers.ts';

export type WindowHandlerParts = Pick<
  HandlerParts,
  | 'window'
  | 'link'
  | 'secrets'
  | 'terminals'
  | 'log'
  | 'memory'
  | 'storage'
  | 'offerModels'
  | 'findClient'
  | 'writeTokenHelper'
> &
  Pick<ViewHandlerParts, 'feed' | 'dashboard'> &
  Pick<SwitcherParts, 'choices' | 'last'> & {
    context: vscode.ExtensionContext;
    scopes: ScopeKeeper;
    program: CliProgram;
    tests(): Promise<readonly ModelTest[]>;
    /** Called when a model's test was stored. */
    testStored(): void;
  };

/** Composes the handlers of all commands. Loaded with the first command: activation needs none of it. */
export function createWindowHandlers(parts: WindowHandlerParts): CommandHandlers {
  const { context, window, link, program, log, tests, testStored } = parts;
  const port = async (): Promise<string[]> => portOption(await window.place());
  const reports = captureReports(program, async () => ({
    config: existsSync(window.configFile()) ? ['--config', window.configFile()] : [],
    port: await port(),
  }));
  const testParts = { link, homeDirectory: window.homeDirectory, log, stored: testStored };
  return {
    ...createHandlers({
      ...parts,
      switcher: createSwitcherParts({ ...parts, tests }),
      examine: async () => examineByCli(program, ['--config', window.configFile(), ...(await port())]),
    }),
    ...createViewHandlers({
      ...parts,
      reports,
      testModel: (target) => testModelContract(testParts, target),
      issuePage: issuePageOf(context.extension.packageJSON),
    }),
  };
}

/** A port of 0 is not known before the gateway runs. */
function portOption({ port }: { port: number }): string[] {
  return port === 0 ? [] : ['--port', String(port)];
}
