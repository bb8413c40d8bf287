import { existsSync } from 'node:fs';
import path from 'node:path';
import * as vscode from 'vscode';
import { connectFile, disconnectFile, type ClientFile } from '../clients/clientFile.ts';
import { vscodeChatFile, type ChatEntry } from '../clients/vscodeChatFile.ts';
import type { ModelView } from '../control/protocol.ts';
import { agreeToChange } from './agreeToChange.ts';
import { chatModels, modelName, type ChatModel } from './chat/chatModels.ts';
import type { GatewayLink } from './gatewayLink.ts';
import { commandAction, showInformation, showWarning } from './messages.ts';

const t = vscode.l10n.t;

export type ConnectChatParts = {
  link: GatewayLink;
  homeDirectory: string;
  /** Where VS Code keeps the extension's files for all workspaces: two folders below that of the user's profile. */
  storage: string;
};

/** Makes VS Code's chat list CCR's models as a Custom Endpoint, by its own file. The change is shown and written when the user agrees. */
export async function connectVscodeChat(parts: ConnectChatParts): Promise<void> {
  const file = chatFile(parts);
  if (!file) return sayThatTheFileIsElsewhere();
  if (!hasCustomEndpoint())
    return showWarning(
      t(
        "This VS Code has no Custom Endpoint for its chat: GitHub Copilot Chat brings it, from VS Code 1.122 on. CCR's models are in the chat's list of models without it, but with no choice of the effort.",
      ),
    );
  const status = await parts.link.start();
  const client = parts.link.client();
  if (status.kind !== 'running' || !client) return;
  const views = await client.listModels();
  const models = chatModels(status.state, views).map((model) => chatEntry(model, views));
  if (models.length === 0)
    return showInformation(
      t('Add a provider first: the demo has no models for the chat.'),
      commandAction(t('Add Provider'), 'ccr.addProvider'),
    );
  const { url, token } = status;
  const change = connectFile(target(parts, file, { url, token, models }));
  if (change.before === change.after) return showInformation(t("VS Code's chat is already connected to CCR."));
  if (!(await agreeToChange(change, t('Connect VS Code Chat'), t("CCR: models of VS Code's chat")))) return;
  change.apply();
  showInformation(
    t(
      "VS Code's chat has CCR's models now. Reload the window if it does not list them. Connect it again after you add models.",
    ),
    commandAction(t('Reload Window'), 'workbench.action.reloadWindow'),
    commandAction(t('Disconnect'), 'ccr.disconnectVscodeChat'),
  );
}

/** Takes CCR out of the chat's models. Works without a gateway. */
export async function disconnectVscodeChat(parts: ConnectChatParts): Promise<void> {
  const file = chatFile(parts);
  if (!file) return sayThatTheFileIsElsewhere();
  const change = disconnectFile(target(parts, file, { url: '', token: undefined, models: [] }));
  if (change.before === change.after) return showInformation(t("VS Code's chat is not connected to CCR."));
  if (!(await agreeToChange(change, t('Disconnect'), t("CCR: models of VS Code's chat")))) return;
  change.apply();
  showInformation(t("VS Code's chat no longer has CCR's Custom Endpoint."));
}

type Written = { url: string; token: string | undefined; models: ChatEntry[] };

function target({ homeDirectory }: ConnectChatParts, file: string, written: Written): ClientFile {
  return vscodeChatFile({ ...written, file, homeDirectory });
}

/** Undefined where the profile is on another machine than this extension, or in a browser: then its settings are not here. */
function chatFile({ storage }: ConnectChatParts): string | undefined {
  const profile = path.dirname(path.dirname(storage));
  const isHere = vscode.env.remoteName === undefined || existsSync(path.join(profile, 'settings.json'));
  return isHere ? path.join(profile, 'chatLanguageModels.json') : undefined;
}

function sayThatTheFileIsElsewhere(): void {
  showWarning(
    t(
      "The models of VS Code's chat are in a file on the machine that shows this window, which CCR can't edit from here. Connect from a local window.",
    ),
  );
}

function hasCustomEndpoint(): boolean {
  return vscode.extensions.all.some(({ packageJSON }: vscode.Extension<unknown>) => offersCustomEndpoint(packageJSON));
}

function offersCustomEndpoint(manifest: {
  contributes?: { languageModelChatProviders?: { vendor?: string }[] };
}): boolean {
  return manifest.contributes?.languageModelChatProviders?.some(({ vendor }) => vendor === 'customendpoint') ?? false;
}

function chatEntry(model: ChatModel, views: readonly ModelView[]): ChatEntry {
  const { name, maxInputTokens, maxOutputTokens, capabilities } = model;
  const view = views.find(({ target: each }) => each === model.target);
  return {
    id: modelName(model.id),
    name,
    maxInputTokens,
    maxOutputTokens,
    readsImages: capabilities.imageInput,
    efforts: view?.efforts,
    isMessagesMaker: view?.isMessagesMaker ?? false,
  };
}
