import { placeholderKey } from '../config/placeholder.ts';
import { clientTokenVariable, codexArguments, passesUntouched, profileOf } from './codexArguments.ts';
import { CatalogError, fetchCatalog, writeCatalogFile } from './codexCatalogFile.ts';
import { readProfileKeys } from './codexProfile.ts';
import type { CliContext, ExitCode } from './context.ts';
import { withLoopbackUnproxied } from './exports.ts';
import { findBehindShim } from './findExecutable.ts';
import { describeAbsence, gatewayUrl, locateGateway } from './locate.ts';
import { runClient } from './runClient.ts';

const notFound: ExitCode = 127;

/** `ccr codex [--port N] ...`, and what the `codex` in front of a terminal's PATH calls: our options first, Codex's after. */
export async function runCodex(commandArguments: readonly string[], context: CliContext): Promise<ExitCode> {
  const { userArguments, port, isShim, error } = ownOptions(commandArguments);
  if (error !== undefined) return fail(context, error);
  const file = findBehindShim('codex', context.environment, context.platform);
  if (file === undefined) {
    context.complain(
      'ccr: Codex is not installed: there is no codex in PATH. Install it with: npm install -g @openai/codex',
    );
    return notFound;
  }
  const environment = clientEnvironment(context.environment, isShim);
  const run = (given: readonly string[], environment: NodeJS.ProcessEnv): Promise<ExitCode> =>
    runClient({ file, arguments: given, environment, platform: context.platform });

  if (isSet(context.environment['CCR_BYPASS'])) return run(userArguments, withoutOurs(environment));
  if (passesUntouched(userArguments)) return run(userArguments, environment);
  try {
    const { url, token, catalog } = await findCatalog(port, context);
    const prepared = codexArguments({
      userArguments,
      url,
      scope: context.environment['CCR_SCOPE'],
      catalogFile: writeCatalogFile(context.homeDirectory, url, catalog),
      model: context.environment['CODEX_MODEL'],
      profileKeys: profileKeys(userArguments, context),
    });
    for (const note of prepared.notes) context.complain(`ccr: ${note}`);
    return await run(prepared.arguments, { ...withLoopbackUnproxied(environment), [clientTokenVariable]: token });
  } catch (error) {
    if (!(error instanceof CatalogError)) throw error;
    return fail(context, `${error.message}. ${adviceOn(error)}Without CCR: CCR_BYPASS=1 codex ...`);
  }
}

function fail(context: CliContext, message: string): ExitCode {
  context.complain(`ccr: ${message}`);
  return 1;
}

function adviceOn({ kind }: CatalogError): string {
  return kind === 'unreachable' ? 'Start it with "ccr start", or "CCR: Start Proxy" in VS Code. ' : '';
}

type OwnOptions = { userArguments: string[]; port: number | undefined; isShim: boolean; error?: string };

/** Reads our options off the front, up to the first one that is not ours. */
export function ownOptions(commandArguments: readonly string[]): OwnOptions {
  const [first = '', ...rest] = commandArguments;
  if (first === '--shim') return { userArguments: rest, port: undefined, isShim: true };
  const own = /^--port(?:=(.*))?$/.exec(first);
  if (!own) return { userArguments: [...commandArguments], port: undefined, isShim: false };
  const text = own[1] ?? rest[0] ?? '';
  const userArguments = own[1] === undefined ? rest.slice(1) : rest;
  const port = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  const isPort = port > 0 && port < 65_536;
  return { userArguments, port, isShim: false, ...(isPort ? {} : { error: '--port needs a number from 1 to 65535.' }) };
}

type Found = { url: string; token: string; catalog: string };

/**
 * The gateway of the terminal (CCR_URL), which needs no run file and may be on another machine, else the one that runs
 * here: it may have moved to another port since the terminal was opened.
 */
async function findCatalog(port: number | undefined, context: CliContext): Promise<Found> {
  const url = port === undefined ? gatewayUrl(context.environment) : undefined;
  const token = terminalToken(context.environment) ?? placeholderKey;
  const ofTerminal = url === undefined ? undefined : await tryCatalog(url, token);
  if (ofTerminal && !(ofTerminal instanceof CatalogError)) return ofTerminal;

  const located = await locateGateway({ port }, context);
  if (located.kind === 'ccr') {
    const own = (await located.client.clientToken()) ?? token;
    return { url: located.client.url, token: own, catalog: await fetchCatalog(located.client.url, own) };
  }
  if (ofTerminal) throw ofTerminal;
  throw new CatalogError('unreachable', describeAbsence(located).replace(/\.$/, ''));
}

async function tryCatalog(url: string, token: string): Promise<Found | CatalogError> {
  try {
    return { url, token, catalog: await fetchCatalog(url, token) };
  } catch (error) {
    if (error instanceof CatalogError) return error;
    throw error;
  }
}

/** CCR puts the token into its terminals as the key that OpenAI clients send. */
function terminalToken(environment: NodeJS.ProcessEnv): string | undefined {
  const candidates = [environment['CCR_TOKEN'], gatewayUrl(environment) && environment['OPENAI_API_KEY']];
  return candidates.find(isSet);
}

function profileKeys(userArguments: readonly string[], { environment, homeDirectory }: CliContext): Set<string> {
  const profile = profileOf(userArguments);
  return profile === undefined ? new Set() : readProfileKeys(profile, environment, homeDirectory);
}

/** Our shim makes Node of Electron by a variable; the client's own children must not inherit that. */
function clientEnvironment(environment: NodeJS.ProcessEnv, isShim: boolean): NodeJS.ProcessEnv {
  if (!isShim) return environment;
  const { ELECTRON_RUN_AS_NODE: _, ...rest } = environment;
  return rest;
}

/** What CCR put into the terminal would lead the plain client back to it, or nowhere. */
function withoutOurs(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const url = gatewayUrl(environment);
  const isOurs = (name: string, value: string | undefined): boolean => {
    if (name === 'OPENAI_BASE_URL') return url !== undefined && (value?.startsWith(url) ?? false);
    if (name === 'OPENAI_API_KEY' || name === 'CODEX_API_KEY') return value === placeholderKey;
    return false;
  };
  return Object.fromEntries(Object.entries(environment).filter(([name, value]) => !isOurs(name, value)));
}

function isSet(value: string | undefined): value is string {
  return value !== undefined && value !== '';
}
