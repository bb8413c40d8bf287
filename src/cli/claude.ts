import { fieldsWhere } from '../canonical/json.ts';
import * as z from 'zod';
import { writeClaudeSettings } from '../clients/claudeSettings.ts';
import { placeholderKey } from '../config/placeholder.ts';
import { attach } from '../control/client.ts';
import { CodexCatalogError } from './codexCatalogFile.ts';
import type { CliContext, ExitCode } from './context.ts';
import { claudeVariables, hintVariable, withLoopbackUnproxied } from './exports.ts';
import { findBehindShim } from './findExecutable.ts';
import { adviceOn, findGateway } from './findGateway.ts';
import { gatewayUrl } from './locate.ts';
import { clientEnvironment, ownOptions, runClient } from './runClient.ts';

const notFound: ExitCode = 127;

/** Commands that use no model and work without a gateway (2.1.330, `claude --help`). */
const passedThrough = new Set([
  'auth', 'auto-mode', 'doctor', 'gateway', 'import', 'install', 'kill', 'logs', 'mcp', 'plugin', 'plugins', 'purge', 'rm',
  'setup-token', 'stop', 'update', 'upgrade', '--version', '-v', '--help', '-h',
]); // prettier-ignore

/** Variables that make Claude Code bypass CCR: a key that it asks about, or a cloud that it prefers to a base URL. */
const bypassingVariables = [
  'ANTHROPIC_API_KEY',
  'CLAUDE_CODE_USE_BEDROCK',
  'CLAUDE_CODE_USE_VERTEX',
  'CLAUDE_CODE_USE_FOUNDRY',
];

/** `ccr claude [--port N] ...`, also called by the `claude` shim in terminals: our options first, Claude Code's after. */
export async function runClaude(commandArguments: readonly string[], context: CliContext): Promise<ExitCode> {
  const { userArguments, port, isShim, error } = ownOptions(commandArguments);
  if (error !== undefined) return fail(context, error);
  const { platform } = context;
  const environment = clientEnvironment(context.environment, isShim);
  const file = findBehindShim('claude', environment, platform);
  if (file === undefined) {
    context.complain(
      'ccr: claude was not found in PATH. Install Claude Code with: npm install -g @anthropic-ai/claude-code',
    );
    return notFound;
  }
  const run = (variables: NodeJS.ProcessEnv, added: readonly string[] = []): Promise<ExitCode> =>
    runClient({ file, arguments: [...added, ...userArguments], environment: variables, platform });

  if (environment['CCR_BYPASS']) return run(withoutOurs(environment));
  if (passedThrough.has(userArguments[0] ?? '')) return run(environment);
  try {
    const { url, token, codexCatalog } = await findGateway(port, context);
    const variables = {
      ...without(withLoopbackUnproxied(environment), bypassingVariables),
      ...windowVariable(userArguments, environment, codexCatalog),
      ...claudeVariables(url, token, environment['CCR_SCOPE']),
      ...(await betaVariables(url, userArguments, context)),
      // The user may turn each of them off.
      ...ofUser(environment),
    };
    return await run(variables, pickerArguments(userArguments, context, url, codexCatalog));
  } catch (error) {
    if (!(error instanceof CodexCatalogError)) throw error;
    return fail(context, `${error.message}. ${adviceOn(error)}To run without CCR: CCR_BYPASS=1 ccr claude ...`);
  }
}

/** Offers our models in the picker, for this session only. The user's own `--settings` win: Claude Code takes one. */
function pickerArguments(
  userArguments: readonly string[],
  { homeDirectory }: CliContext,
  url: string,
  codexCatalog: string,
): string[] {
  if (userArguments.some((each) => each === '--settings' || each.startsWith('--settings='))) return [];
  return ['--settings', writeClaudeSettings(homeDirectory, url, codexCatalog)];
}

/**
 * What Claude Code leaves off behind a base URL of another than Anthropic, since not all take it (2.1.330). CCR fits both to every
 * target; but a search that loads tools changes the list of tools, which costs other providers their cache of the prompt.
 */
const betaNames = ['ENABLE_TOOL_SEARCH', 'CLAUDE_CODE_ENABLE_FINE_GRAINED_TOOL_STREAMING'] as const;

/** Turns them on if the session's model is at Anthropic itself. Nothing is said of a gateway on another machine. */
async function betaVariables(
  url: string,
  userArguments: readonly string[],
  { environment, homeDirectory }: CliContext,
): Promise<NodeJS.ProcessEnv> {
  const model = namedModel(userArguments) ?? environment['ANTHROPIC_MODEL'] ?? 'auto';
  const isOwn = await isAtAnthropic(url, { model, scope: environment['CCR_SCOPE'], homeDirectory }).catch(() => false);
  return isOwn ? Object.fromEntries(betaNames.map((name) => [name, name === 'ENABLE_TOOL_SEARCH' ? 'true' : '1'])) : {};
}

async function isAtAnthropic(
  url: string,
  { model, scope, homeDirectory }: { model: string; scope: string | undefined; homeDirectory: string },
): Promise<boolean> {
  const { port, hostname } = new URL(url);
  const found = await attach({ homeDirectory, port: Number(port), host: hostname });
  if (found.kind !== 'ccr') return false;
  const body = { model, max_tokens: 1, messages: [{ role: 'user', content: '?' }] };
  const { route } = await found.client.preview({ dialect: 'anthropic-messages', body, scope: scope || undefined });
  const first = route?.candidates[0]?.target;
  return (await found.client.listModels()).some(({ target, isMessagesMaker }) => isMessagesMaker && target === first);
}

function ofUser(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const own = [hintVariable, ...betaNames].filter((name) => environment[name]);
  return Object.fromEntries(own.map((name) => [name, environment[name]]));
}

/** Sets the context window of models that Claude Code does not know. Its default is a million tokens (2.1.330). */
const windowName = 'CLAUDE_CODE_MAX_CONTEXT_TOKENS';

const catalogSchema = z.looseObject({
  models: z.array(z.looseObject({ slug: z.string(), context_window: z.int().optional() })),
});

/** Sets the context window of the model that the user names, if CCR knows it and the user has not set the variable. */
function windowVariable(
  userArguments: readonly string[],
  environment: NodeJS.ProcessEnv,
  codexCatalog: string,
): NodeJS.ProcessEnv {
  const model = namedModel(userArguments) ?? environment['ANTHROPIC_MODEL'];
  if (model === undefined || environment[windowName]) return {};
  const { data } = catalogSchema.safeParse(JSON.parse(codexCatalog));
  const tokens = data?.models.find(({ slug }) => slug === model)?.context_window;
  return tokens === undefined ? {} : { [windowName]: String(tokens) };
}

function namedModel(userArguments: readonly string[]): string | undefined {
  const place = userArguments.findIndex((each) => each === '--model' || each.startsWith('--model='));
  const found = userArguments[place];
  return found === '--model' ? userArguments[place + 1] : found?.slice('--model='.length);
}

function fail(context: CliContext, message: string): ExitCode {
  context.complain(`ccr: ${message}`);
  return 1;
}

function without(environment: NodeJS.ProcessEnv, names: readonly string[]): NodeJS.ProcessEnv {
  return fieldsWhere(environment, (name) => !names.includes(name));
}

/** Removes the variables that CCR set in the terminal: they would send the plain client to CCR, or nowhere. */
function withoutOurs(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const url = gatewayUrl(environment);
  const isOurs = url !== undefined && (environment['ANTHROPIC_BASE_URL']?.startsWith(url) ?? false);
  const isPlaceholder = environment['ANTHROPIC_AUTH_TOKEN'] === placeholderKey;
  return without(environment, [
    ...(isOurs ? ['ANTHROPIC_BASE_URL', 'ANTHROPIC_AUTH_TOKEN', hintVariable] : []),
    ...(isPlaceholder ? ['ANTHROPIC_AUTH_TOKEN'] : []),
  ]);
}
