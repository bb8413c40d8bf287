import { fieldsWhere } from '../canonical/json.ts';
import { placeholderKey } from '../config/placeholder.ts';
import { clientTokenVariable, codexArguments, passesUntouched, profileOf } from './codexArguments.ts';
import { CodexCatalogError, writeCodexCatalog } from './codexCatalogFile.ts';
import { readProfileKeys } from './codexProfile.ts';
import { findCodexVersion } from './codexVersion.ts';
import type { CliContext, ExitCode } from './context.ts';
import { withLoopbackUnproxied } from './exports.ts';
import { findBehindShim } from './findExecutable.ts';
import { adviceOn, findGateway } from './findGateway.ts';
import { gatewayUrl } from './locate.ts';
import { clientEnvironment, ownOptions, runClient } from './runClient.ts';

const notFound: ExitCode = 127;

/** `ccr codex [--port N] ...`, also called by the `codex` shim in terminals: our options first, Codex's after. */
export async function runCodex(commandArguments: readonly string[], context: CliContext): Promise<ExitCode> {
  const { userArguments, port, isShim, error } = ownOptions(commandArguments);
  if (error !== undefined) return fail(context, error);
  const file = findBehindShim('codex', context.environment, context.platform);
  if (file === undefined) {
    context.complain('ccr: codex was not found in PATH. Install Codex with: npm install -g @openai/codex');
    return notFound;
  }
  const environment = clientEnvironment(context.environment, isShim);
  const run = (given: readonly string[], environment: NodeJS.ProcessEnv): Promise<ExitCode> =>
    runClient({ file, arguments: given, environment, platform: context.platform });

  if (isSet(context.environment['CCR_BYPASS'])) return run(userArguments, withoutOurs(environment));
  if (passesUntouched(userArguments)) return run(userArguments, environment);
  try {
    const version = findCodexVersion(file);
    const { url, token, codexCatalog } = await findGateway(port, context, version);
    const prepared = codexArguments({
      userArguments,
      url,
      scope: context.environment['CCR_SCOPE'],
      catalogFile: writeCodexCatalog(context.homeDirectory, url, codexCatalog, version),
      model: context.environment['CODEX_MODEL'],
      profileKeys: profileKeys(userArguments, context),
    });
    for (const note of prepared.notes) context.complain(`ccr: ${note}`);
    return await run(prepared.arguments, { ...withLoopbackUnproxied(environment), [clientTokenVariable]: token });
  } catch (error) {
    if (!(error instanceof CodexCatalogError)) throw error;
    return fail(context, `${error.message}. ${adviceOn(error)}To run without CCR: CCR_BYPASS=1 codex ...`);
  }
}

function fail(context: CliContext, message: string): ExitCode {
  context.complain(`ccr: ${message}`);
  return 1;
}

function profileKeys(userArguments: readonly string[], { environment, homeDirectory }: CliContext): Set<string> {
  const profile = profileOf(userArguments);
  return profile === undefined ? new Set() : readProfileKeys(profile, environment, homeDirectory);
}

/** Removes the variables that CCR set in the terminal: they would send the plain client to CCR, or nowhere. */
function withoutOurs(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const url = gatewayUrl(environment);
  const isOurs = (name: string, value: string | undefined): boolean => {
    if (name === 'OPENAI_BASE_URL') return url !== undefined && (value?.startsWith(url) ?? false);
    if (name === 'OPENAI_API_KEY' || name === 'CODEX_API_KEY') return value === placeholderKey;
    return false;
  };
  return fieldsWhere(environment, (name, value) => !isOurs(name, value));
}

function isSet(value: string | undefined): value is string {
  return value !== undefined && value !== '';
}
