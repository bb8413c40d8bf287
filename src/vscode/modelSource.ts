import * as vscode from 'vscode';
import {
  ModelError,
  startModelServer,
  type ModelServer,
  type ModelSource,
  type ModelUsage,
} from '../server/windowModels/modelServer.ts';
import type { ModelMessage, ModelPart, ModelRequest } from '../server/windowModels/readChat.ts';

const t = vscode.l10n.t;

/** Our own models, and endpoints that VS Code reaches itself, ours among them: a request would go round in circles. */
const leftOut = ['ccr', 'customendpoint'];

/** Serves VS Code's models to the gateway. */
export function serveModels(access: vscode.LanguageModelAccessInformation): Promise<ModelServer> {
  return startModelServer(createModelSource(access));
}

/** By VS Code's stable API. */
function createModelSource(access: vscode.LanguageModelAccessInformation): ModelSource {
  return {
    list: async () => (await models()).map(nameOf),
    async ask(request, emit, signal) {
      const model = (await models()).find((each) => nameOf(each) === request.model);
      if (!model) throw new ModelError(404, t('VS Code has no model {0} now.', request.model));
      if (access.canSendRequest(model) === false)
        throw new ModelError(403, t('You have not allowed CCR to use {0} in VS Code.', request.model));
      const cancel = new vscode.CancellationTokenSource();
      signal.addEventListener('abort', () => cancel.cancel());
      try {
        return await askModel(model, request, emit, cancel.token);
      } catch (error) {
        throw statedError(error, request.model);
      } finally {
        cancel.dispose();
      }
    },
  };
}

async function models(): Promise<vscode.LanguageModelChat[]> {
  return (await vscode.lm.selectChatModels()).filter(({ vendor }) => !leftOut.includes(vendor));
}

function nameOf({ vendor, id }: vscode.LanguageModelChat): string {
  return `${vendor}/${id}`;
}

async function askModel(
  model: vscode.LanguageModelChat,
  { messages, tools, mustCallTool, options }: ModelRequest,
  emit: Parameters<ModelSource['ask']>[1],
  token: vscode.CancellationToken,
): Promise<ModelUsage | undefined> {
  const mode = mustCallTool ? vscode.LanguageModelChatToolMode.Required : vscode.LanguageModelChatToolMode.Auto;
  const written = messages.map(writeMessage);
  const reply = await model.sendRequest(
    written,
    {
      justification: t("A client of CCR's gateway asks {0}.", nameOf(model)),
      modelOptions: options,
      ...(tools.length > 0 && { tools, toolMode: mode }),
    },
    token,
  );
  let said = '';
  for await (const part of reply.stream) {
    if (part instanceof vscode.LanguageModelTextPart) {
      said += part.value;
      emit({ type: 'text', text: part.value });
    } else if (part instanceof vscode.LanguageModelToolCallPart) {
      said += part.name + JSON.stringify(part.input);
      emit({ type: 'call', id: part.callId, name: part.name, input: part.input });
    }
  }
  return countTokens(model, messages, tools, said);
}

/** One call for each side. A model that can't count has no usage. */
async function countTokens(
  model: vscode.LanguageModelChat,
  messages: readonly ModelMessage[],
  tools: ModelRequest['tools'],
  said: string,
): Promise<ModelUsage | undefined> {
  const texts = messages.flatMap(({ parts }) => parts.map(textOf));
  const read = [...texts, ...tools.map((tool) => JSON.stringify(tool))].join('\n');
  try {
    const [input, output] = await Promise.all([model.countTokens(read), model.countTokens(said)]);
    return { input, output };
  } catch {
    return undefined;
  }
}

function textOf(part: ModelPart): string {
  if (part.type === 'call') return part.name + JSON.stringify(part.input);
  return part.type === 'image' ? '' : part.text;
}

function writeMessage({ role, parts }: ModelMessage): vscode.LanguageModelChatMessage {
  const { User, Assistant } = vscode.LanguageModelChatMessageRole;
  const message = new vscode.LanguageModelChatMessage(role === 'user' ? User : Assistant, []);
  message.content = parts.map(writePart);
  return message;
}

type ApiPart = vscode.LanguageModelChatMessage['content'][number];

/** Newer than the oldest VS Code that is supported. */
type DataPart = { image(data: Uint8Array, mimeType: string): ApiPart };

function writePart(part: ModelPart): ApiPart {
  switch (part.type) {
    case 'text':
      return new vscode.LanguageModelTextPart(part.text);
    case 'call':
      return new vscode.LanguageModelToolCallPart(part.id, part.name, part.input);
    case 'result':
      return new vscode.LanguageModelToolResultPart(part.id, [new vscode.LanguageModelTextPart(part.text)]);
    case 'image': {
      const api = Reflect.get(vscode, 'LanguageModelDataPart') as DataPart | undefined;
      return api?.image(part.data, part.mimeType) ?? new vscode.LanguageModelTextPart('(an image)');
    }
    default:
      return part satisfies never;
  }
}

function statedError(error: unknown, name: string): unknown {
  // Such as the event of an image that the workbench can't read, from its own process.
  if (!(error instanceof Error))
    return new Error(t('VS Code could not send the request to {0}.', name), { cause: error });
  if (!(error instanceof vscode.LanguageModelError)) return error;
  switch (error.code) {
    case vscode.LanguageModelError.NoPermissions.name:
      return new ModelError(403, t('You have not allowed CCR to use {0} in VS Code.', name), error);
    case vscode.LanguageModelError.Blocked.name:
      return new ModelError(429, error.message, error);
    case vscode.LanguageModelError.NotFound.name:
      return new ModelError(404, t('VS Code has no model {0} now.', name), error);
    default:
      return error;
  }
}
