// What the extension `companion/` lets the suites do.
import assert from 'node:assert/strict';
import * as vscode from 'vscode';

type Asked = {
  model: vscode.LanguageModelChatInformation;
  messages: readonly vscode.LanguageModelChatRequestMessage[];
  options: vscode.ProvideLanguageModelChatResponseOptions;
  token: vscode.CancellationToken;
};

export type Companion = {
  /** Of the vendor `ccr-test`. */
  models: vscode.LanguageModelChatInformation[];
  /** Has VS Code ask for the models again. */
  changed(): void;
  asked: Asked[];
  answer(asked: Asked & { progress: vscode.Progress<vscode.LanguageModelResponsePart> }): Promise<void>;
  /** What VS Code read of `chatLanguageModels.json` for `customendpoint`. */
  groups: { models?: { id: string; url: string; supportsReasoningEffort?: string[] }[] }[];
};

export async function companion(): Promise<Companion> {
  const extension = vscode.extensions.getExtension<Companion>('ccr-test.companion');
  return (await extension?.activate()) ?? assert.fail('The companion extension is not loaded.');
}
