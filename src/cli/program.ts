import { Argument, Command, InvalidArgumentError, Option } from 'commander';
import { worded, wording } from '../canonical/wording.ts';
import { didYouMean, suggestion } from '../config/suggest.ts';
import type { CliContext, ExitCode } from './context.ts';
import { connect, connectableClients, listConnections, type ConnectableClient } from './connect.ts';
import { bundleCaptures, listCaptures, removeCaptures, replayCaptures, showCapture } from './captures.ts';
import { clearStats } from './clearStats.ts';
import { dashboard } from './dashboard/dashboard.ts';
import { doctor } from './doctor.ts';
import { env } from './env.ts';
import { explain } from './explain.ts';
import { clients, shells } from './exports.ts';
import { logs } from './logs.ts';
import { mcpCommand } from './mcpCommand.ts';
import { refreshCatalogCommand } from './refreshCatalogCommand.ts';
import { dialectNames, routeCommand } from './routeCommand.ts';
import { start } from './start.ts';
import { status } from './status.ts';
import { stop } from './stop.ts';
import { testModelCommand } from './testModelCommand.ts';
import { tokenCommand } from './tokenCommand.ts';
import { validate } from './validate.ts';

/** Runs a command line (`argv` without Node and script). `codex` and `claude` are handled elsewhere: they have their own options. */
export async function runProgram(commandLine: readonly string[], context: CliContext): Promise<ExitCode> {
  let exitCode: ExitCode = 0;
  const program = createProgram(context, (code) => {
    exitCode = code;
  });
  const [first = ''] = commandLine;
  const names = [...program.commands.map((command) => command.name()), 'codex', 'claude', 'help'];
  if (first !== '' && !first.startsWith('-') && !names.includes(first)) {
    const { message } = worded(
      wording('Unknown command "{0}".', first),
      didYouMean(suggestion(first, names)),
      wording('See ccr --help.'),
    );
    context.complain(`ccr: ${message}`);
    return 1;
  }
  await program.parseAsync([...commandLine], { from: 'user' });
  return exitCode;
}

/** All commands but `codex` and `claude`. `finish` gets the exit code of the one that ran. */
export function createProgram(context: CliContext, finish: (code: ExitCode) => void): Command {
  const program = new Command('ccr')
    .description('A local gateway between coding agents and model providers.')
    .version(context.version, '-V, --version')
    .configureOutput({
      writeOut: (text) => context.print(text.trimEnd()),
      writeErr: (text) => context.complain(text.trimEnd()),
    })
    .addHelpText(
      'after',
      [
        "\nccr codex [--port <number>] ...   run Codex through CCR; other options are Codex's own",
        "ccr claude [--port <number>] ...  run Claude Code through CCR; other options are Claude Code's own",
      ].join('\n'),
    );

  addStart(program, context, finish);
  addCommand(program, 'status', 'show whether a gateway runs, and its state')
    .addOption(portOption())
    .action(async (options) => finish(await status(options, context)));
  addCommand(program, 'stop', 'stop the running gateway')
    .addOption(portOption())
    .addOption(shutdownOption())
    .action(async (options) => finish(await stop(options, context)));
  addCommand(program, 'validate', 'check the config')
    .option('--live', 'send a short request to every provider, for each key and model')
    .action(async (options) => finish(await validate(options, context)));
  addExplain(program, context, finish);
  addCommand(program, 'refresh-catalog', 'refresh context windows, prices and efforts of models from models.dev')
    .addOption(portOption())
    .action(async (options) => finish(await refreshCatalogCommand(options, context)));
  addCommand(program, 'env', 'print the variables that make the clients of a shell use CCR')
    .addOption(portOption())
    .addOption(new Option('--shell <name>', 'the syntax of the output').choices(shells).default('posix'))
    .addOption(new Option('--client <name>', 'the client to set up').choices(clients).default('codex'))
    .action(async (options) => finish(await env(options, context)));
  addCommand(program, 'clear-stats', 'set the statistics back to zero, of the running gateway or in Redis')
    .addOption(portOption())
    .option('--redis-url <url>', 'clear a Redis server; by default `CCR_REDIS_URL` or `Persistence.redis_url`')
    .option('--redis-prefix <prefix>', 'the start of the names of its keys; by default `Persistence.redis_prefix`')
    .action(async (options) => finish(await clearStats(options, context)));
  addCommand(program, 'dashboard', 'show tiers, requests, tokens and costs in the terminal; q or Esc quits')
    .addOption(
      new Option('--host <address>', "the gateway's address, if not on this machine").env('CCR_DASHBOARD_HOST'),
    )
    .addOption(portOption().env('CCR_DASHBOARD_PORT'))
    .action(async (options) => finish(await dashboard(options, context)));
  addConnect(program, context, finish);
  addLogs(program, context, finish);
  addCaptures(program, context, finish);
  program
    .command('version')
    .description('print the version')
    .addOption(jsonOption())
    .action(({ json }) => {
      const { version } = context;
      context.print(json ? JSON.stringify({ version, node: process.versions.node }) : version);
    });
  return program;
}

function addConnect(program: Command, context: CliContext, finish: (code: ExitCode) => void): void {
  addCommand(program, 'connect', 'make a client use CCR by its own config file; shows the change first')
    .addArgument(new Argument('<client>', 'the client, or `list`').choices(['list', ...connectableClients]))
    .addOption(portOption())
    .option('--yes', 'write the change that is shown')
    .option('--undo', 'take CCR out of the file again; what others edited since stays')
    .action(async (client: ConnectableClient | 'list', options) =>
      finish(client === 'list' ? listConnections(options, context) : await connect(client, options, context)),
    );
  addCommand(program, 'doctor', 'find out what is wrong, from this Node to the providers; asks each provider once')
    .addOption(portOption())
    .action(async (options) => finish(await doctor(options, context)));
  addCommand(
    program,
    'mcp',
    'run an MCP server on stdin and stdout: which models there are, what they cost, where requests went',
  )
    .addOption(portOption())
    .action(async (options) => finish(await mcpCommand(options, context)));
  addCommand(program, 'test-model', 'test a model for what coding agents need, in a dozen small requests')
    .argument('<model>', 'the model, as `provider,model`')
    .addOption(portOption())
    .action(async (model: string, options) => finish(await testModelCommand(model, options, context)));
  addCommand(program, 'token', 'print the token that clients need, for programs')
    .addOption(portOption())
    .action(async (options) => finish(await tokenCommand(options, context)));
}

function addLogs(program: Command, context: CliContext, finish: (code: ExitCode) => void): void {
  program
    .command('logs')
    .description("print the latest lines of the running gateway's log")
    .option('-f, --follow', 'also each new line, over restarts of the gateway, until Ctrl+C')
    .addOption(new Option('-n, --lines <number>', 'how many lines first').argParser(number(0, 1000)).default(200))
    .addOption(portOption())
    .addOption(configOption())
    .addOption(new Option('--json', 'print one line of JSON for each line, for programs'))
    .action(async (options) => finish(await logs(options, context)));
}

/** Without a subcommand, it lists them, with the options that ccr-rust's has. */
function addCaptures(program: Command, context: CliContext, finish: (code: ExitCode) => void): void {
  const captures = program
    .command('captures')
    .description('list, show, clear, replay or bundle what `DebugCapture` wrote');
  const add = (name: string, description: string): Command =>
    addCommand(captures, name, description).addOption(folderOption());
  const subject = '[request]';
  const subjectMeaning =
    'the id of a request, or a file: a capture or a bundle; by default the request that was captured last';
  captures
    .command('list', { isDefault: true })
    .description('list captures, newest first')
    .option('-p, --provider <name>', 'only those of this provider')
    .addOption(new Option('-l, --limit <number>', 'at most this many').argParser(number(1, 1000)).default(20))
    .option('--stats', 'count them instead')
    .option('--full', 'whole responses')
    .addOption(folderOption())
    .addOption(configOption())
    .addOption(jsonOption())
    .action(async (options) => finish(await listCaptures(options, context)));
  add('show', 'print captures as they are')
    .argument(subject, subjectMeaning, 'last')
    .action(async (id: string, options) => finish(await showCapture(id, options, context)));
  add('clear', 'remove all captures').action(async (options) => finish(await removeCaptures(options, context)));
  add('replay', 'make captured attempts again, offline, and show what would come out differently now')
    .argument(subject, subjectMeaning, 'last')
    .action(async (id: string, options) => finish(await replayCaptures(id, options, context)));
  add('bundle', 'write one file about a request for a bug report, without keys and texts')
    .argument(subject, subjectMeaning, 'last')
    .addOption(portOption())
    .option('-o, --output <file>', 'the file; `-` prints it')
    .option('--with-texts', 'keep what people and models wrote')
    .action(async (id: string, options) => finish(await bundleCaptures(id, options, context)));
}

function folderOption(): Option {
  return new Option('--output-dir <folder>', 'the folder of the captures instead of the one in the config');
}

function addExplain(program: Command, context: CliContext, finish: (code: ExitCode) => void): void {
  addCommand(program, 'explain', 'show where a request went, and why')
    .argument('[id]', 'the id of the request, as in the header x-request-id; by default the latest one', 'last')
    .addOption(portOption())
    .action(async (id: string, options) => finish(await explain(id, options, context)));
  addCommand(program, 'route', 'show what would happen to a request, without sending it to a provider')
    .argument('<file>', "the JSON of the request's body; `-` reads stdin")
    .addOption(portOption())
    .addOption(new Option('--dialect <name>', 'the API; guessed from the body by default').choices(dialectNames))
    .addOption(
      new Option('--header <header>', 'a header of the request, as `name: value`; may be repeated')
        .argParser((header: string, before: string[]) => [...before, header])
        .default([], 'none'),
    )
    .option('--preset <name>', 'the preset in the URL')
    .option('--scope <id>', 'the scope in the URL')
    .action(async (file: string, options) => finish(await routeCommand(file, options, context)));
}

function addStart(program: Command, context: CliContext, finish: (code: ExitCode) => void): void {
  program
    .command('start', { isDefault: true })
    .description('run the gateway until Ctrl+C')
    .addOption(portOption('the port to listen on instead of `PORT` in the config; 0 picks a free one'))
    .option(
      '--host <address>',
      'the address to listen on instead of `HOST` in the config; beyond loopback needs a token',
    )
    .addOption(configOption())
    .addOption(
      new Option(
        '--max-streams <number>',
        'the maximum number of concurrent streams, and of other requests; more get 503',
      )
        .argParser(number(1, 1_000_000))
        .default(512),
    )
    .addOption(shutdownOption())
    .addOption(jsonOption())
    .action(async (options) => finish(await start(options, context)));
}

function addCommand(program: Command, name: string, description: string): Command {
  return program.command(name).description(description).addOption(configOption()).addOption(jsonOption());
}

function portOption(description = "the gateway's port"): Option {
  return new Option('--port <number>', description).argParser(number(0, 65_535));
}

function shutdownOption(): Option {
  const option = new Option('--shutdown-timeout <seconds>', 'how long running requests may take to finish');
  return option.argParser(number(0, 2_000_000)).default(30);
}

function configOption(): Option {
  return new Option('--config <file>', 'the config file');
}

function jsonOption(): Option {
  return new Option('--json', 'print one line of JSON, for programs');
}

function number(least: number, most: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (/^\d+$/.test(text) && value >= least && value <= most) return value;
    throw new InvalidArgumentError(`It must be an integer from ${least} to ${most}.`);
  };
}
