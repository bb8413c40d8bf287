import * as vscode from 'vscode';
import type { GatewayLink } from '../gatewayLink.ts';
import { t } from '../l10n.ts';
import type { ChatMessage } from './chatBody.ts';
import type { ChatModel } from './chatModels.ts';
import type { ChatEvent } from './streamChat.ts';

/** As in package.json (`manifest/contributes.ts`). */
const vendor = 'ccr';

/** An image, as a middle of what providers count. Tokens. */
const imageTokens = 1000;

export type ChatProviderParts = { link: GatewayLink; scope: string };

/**
 * Offers the gateway's models to VS Code's chat and to extensions. The stable API has no part for reasoning and no effort, so
 * reasoning is not shown; CCR keeps it for the turns of a tool loop.
 */
export function registerChatProvider(context: vscode.ExtensionContext, { link, scope }: ChatProviderParts): void {
  const changed = new vscode.EventEmitter<void>();
  let shown = '';
  const provider: vscode.LanguageModelChatProvider<ChatModel> = {
    onDidChangeLanguageModelChatInformation: changed.event,
    async provideLanguageModelChatInformation() {
      const status = link.status();
      const client = link.client();
      if (status.kind !== 'running' || !client) return [];
      const { chatModels } = await import('./answerChat.ts');
      return chatModels(status.state, await client.listModels());
    },
    async provideLanguageModelChatResponse(
      model,
      messages,
      { tools = [], toolMode, modelOptions = {} },
      progress,
      token,
    ) {
      const status = await link.start();
      if (status.kind !== 'running') throw new Error(t('CCR is not running. Start it with "CCR: Start Proxy".'));
      const { chatBody, modelName, streamChat } = await import('./answerChat.ts');
      const stop = new AbortController();
      const listening = token.onCancellationRequested(() => stop.abort());
      const body = chatBody({
        model: modelName(model.id),
        messages: messages.map(readMessage),
        tools,
        mustCallTool: toolMode === vscode.LanguageModelChatToolMode.Required,
        modelOptions,
      });
      const emit = (event: ChatEvent): void => progress.report(partOf(event));
      const url = `${status.url}/w/${scope}`;
      try {
        await streamChat({ url, token: status.token, body, signal: stop.signal, emit });
      } catch (error) {
        if (stop.signal.aborted) throw new vscode.CancellationError();
        throw error;
      } finally {
        listening.dispose();
      }
    },
    async provideTokenCount(_, text) {
      const { estimateTokens, measuredParts } = await import('./answerChat.ts');
      if (typeof text === 'string') return estimateTokens(text);
      const { texts, images } = measuredParts(text.content);
      return texts.reduce((sum, each) => sum + estimateTokens(each), images * imageTokens);
    },
  };
  context.subscriptions.push(changed, vscode.lm.registerLanguageModelChatProvider(vendor, provider), {
    // Only what is listed: a state arrives after each request too.
    dispose: link.onStatus((status) => {
      const next =
        status.kind === 'running'
          ? JSON.stringify([status.state.providers, status.state.presets, status.state.routes, status.url])
          : '';
      if (next === shown) return;
      shown = next;
      changed.fire();
    }),
  });
}

function readMessage({ role, content }: vscode.LanguageModelChatRequestMessage): ChatMessage {
  return { role: role === vscode.LanguageModelChatMessageRole.Assistant ? 'assistant' : 'user', content };
}

function partOf(event: ChatEvent): vscode.LanguageModelResponsePart {
  switch (event.type) {
    case 'text':
      return new vscode.LanguageModelTextPart(event.text);
    case 'call':
      return new vscode.LanguageModelToolCallPart(event.id, event.name, event.input);
    default:
      return event satisfies never;
  }
}
