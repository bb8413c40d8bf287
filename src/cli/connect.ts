import { visibleText } from '../canonical/visibleText.ts';
import { ClientFileError } from '../clients/clientFileError.ts';
import { connectFile, disconnectFile, hasRecord, type ClientFile, type FileChange } from '../clients/clientFile.ts';
import { codexFile } from '../clients/codexFile.ts';
import { cautiousWindow, openCodeFile, readListedModels, zedFile, type ListedModel } from '../clients/jsonFiles.ts';
import { lineDiff } from '../clients/lineDiff.ts';
import { clientSnippet, snippetClients } from '../clients/snippets.ts';
import { clientAccess, type ClientAccess } from './clientAccess.ts';
import { CodexCatalogError, fetchCodexCatalog } from './codexCatalogFile.ts';
import type { CliContext, ExitCode } from './context.ts';
import { env } from './env.ts';
import type { LocateOptions } from './locate.ts';
import { tokenHelperFile, tokenHelperFolder, writeTokenHelper } from './shimFiles.ts';

const fileClients = ['codex', 'opencode', 'zed'] as const;
type FileClient = (typeof fileClients)[number];

/** Its settings can't have a key (zed.dev/docs/ai/llm-providers). */
const zedKeyAdvice =
  'Zed takes the key for CCR, which "ccr token" prints, in the settings of its agent, or from the variable CCR_API_KEY.';

export const connectableClients = [...fileClients, ...snippetClients, 'env'] as const;
export type ConnectableClient = (typeof connectableClients)[number];

export type ConnectOptions = LocateOptions & {
  undo?: boolean | undefined;
  yes?: boolean | undefined;
  json?: boolean | undefined;
};

/** Shows how a client's config file would change, and changes it with `--yes`. `--undo` takes CCR out again. */
export async function connect(
  client: ConnectableClient,
  options: ConnectOptions,
  context: CliContext,
): Promise<ExitCode> {
  try {
    const access = await clientAccess(options, context);
    if (!isFileClient(client)) return await printSnippet(client, access, options, context);
    const models = options.undo ? [] : await listModels(access);
    const target = clientFile(client, access, models, context);
    if (options.undo) return report(disconnectFile(target), options, context);
    if (new URL(access.url).port === '0') {
      context.complain(
        'ccr: The config has PORT 0, a new port at each start. Set a port first, so that clients find it.',
      );
      return 1;
    }
    const change = connectFile(target);
    if (options.yes && client === 'codex') writeHelper(context);
    const code = report(change, options, context);
    if (client === 'zed' && !options.json) context.print(zedKeyAdvice);
    return code;
  } catch (error) {
    if (error instanceof ClientFileError) context.complain(`ccr: ${error.message}`);
    else if (error instanceof CodexCatalogError)
      context.complain(`ccr: ${client} can't be connected. ${error.message}`);
    else throw error;
    return 1;
  }
}

function isFileClient(client: ConnectableClient): client is FileClient {
  return (fileClients as readonly string[]).includes(client);
}

async function printSnippet(
  client: Exclude<ConnectableClient, FileClient>,
  access: ClientAccess,
  options: ConnectOptions,
  context: CliContext,
): Promise<ExitCode> {
  if (client === 'env')
    return env({ ...options, shell: context.platform === 'win32' ? 'powershell' : 'posix' }, context);
  if (options.undo) {
    context.complain(`ccr: CCR edits no file of ${client}: take out by hand what you entered.`);
    return 1;
  }
  const lines = clientSnippet(client, { ...access, models: await listModels(access) });
  if (options.json) context.print(JSON.stringify({ client, lines }));
  else for (const line of lines) context.print(line);
  return 0;
}

/** What the running gateway offers; without one only `auto`, which every gateway has. */
async function listModels({ url, token, absence }: ClientAccess): Promise<ListedModel[]> {
  const auto = { name: 'auto', label: 'CCR: auto', contextWindow: cautiousWindow, readsImages: false };
  return absence === undefined ? readListedModels(await fetchCodexCatalog(url, token)) : [auto];
}

/** Prints the clients that can be connected, and which are. */
export function listConnections(options: { json?: boolean | undefined }, context: CliContext): ExitCode {
  const { homeDirectory } = context;
  const clients = fileClients.map((client) => ({ client, connected: hasRecord({ client, homeDirectory }) }));
  if (options.json) context.print(JSON.stringify(clients));
  else
    for (const { client, connected } of clients)
      context.print(`${client}: ${connected ? 'connected' : 'not connected'}`);
  if (!options.json) context.print(`By hand, with what CCR prints: ${[...snippetClients, 'env'].join(', ')}`);
  return 0;
}

function clientFile(
  client: FileClient,
  { url, token }: ClientAccess,
  models: readonly ListedModel[],
  context: CliContext,
): ClientFile {
  const { environment, homeDirectory, platform } = context;
  switch (client) {
    case 'codex': {
      const command = tokenHelperFile(tokenHelperFolder(homeDirectory), platform);
      // The token of the gateway at this URL, should several run.
      const args = ['--port', new URL(url).port || '80'];
      return codexFile({ url, tokenCommand: { command, args }, environment, homeDirectory });
    }
    case 'opencode':
      return openCodeFile({ url, token, models, environment, homeDirectory });
    case 'zed':
      return zedFile({ url, token, models, environment, homeDirectory });
    default:
      return client satisfies never;
  }
}

function report({ file, before, after, apply }: FileChange, options: ConnectOptions, context: CliContext): ExitCode {
  const isChanged = before !== after;
  if (options.yes) apply();
  const written = isChanged && options.yes === true;
  const lines = lineDiff(before ?? '', after ?? '');
  if (options.json) {
    context.print(JSON.stringify({ file, changed: isChanged, written, diff: lines }));
    return 0;
  }
  if (!isChanged) {
    context.print(`${file}: nothing to change.`);
    return 0;
  }
  context.print(after === undefined ? `${file} (removed)` : file);
  for (const line of lines) context.print(visibleText(line));
  context.print(written ? 'Written.' : 'Nothing was written yet. Run it again with --yes to write this change.');
  return 0;
}

function writeHelper({ homeDirectory, platform, cliPath }: CliContext): void {
  const electron = process.versions.electron !== undefined;
  writeTokenHelper(tokenHelperFolder(homeDirectory), platform, { nodePath: process.execPath, cliPath, electron });
}
