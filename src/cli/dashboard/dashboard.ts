import { readFileSync } from 'node:fs';
import path from 'node:path';
import { messageOf } from '../../canonical/errors.ts';
import { oneLine } from '../../canonical/visibleText.ts';
import { isLoopbackHost } from '../../config/access.ts';
import type { CliContext, ExitCode } from '../context.ts';
import { describeAbsence, locateGateway, type LocateOptions } from '../locate.ts';
import type { View } from './render.ts';
import { openScreen, type ScreenTerminal } from './screen.ts';
import { createSource, type Source } from './source.ts';

type Options = LocateOptions & { host?: string | undefined; json?: boolean | undefined };

/** Between two readings, and after a failed one. Milliseconds. */
const readEveryMs = 500;
const retryEveryMs = 2000;

const defaultPort = 3456;

/** Shows a gateway's figures in the terminal until the user quits. With `--json`: prints them once. */
export async function dashboard(options: Options, context: CliContext): Promise<ExitCode> {
  const fail = (message: string): ExitCode => {
    if (options.json) context.print(JSON.stringify({ error: message }));
    else context.complain(`ccr: ${message}`);
    return 1;
  };
  const found = await findSource(options, context);
  if ('problem' in found) return fail(found.problem);
  if (options.json) {
    try {
      context.print(JSON.stringify(await found.read()));
      return 0;
    } catch (thrown) {
      return fail(messageOf(thrown));
    }
  }
  const terminal = { input: process.stdin, output: process.stdout };
  if (!terminal.input.isTTY || !terminal.output.isTTY) return fail('The dashboard needs a terminal. Try --json.');
  await show(found, terminal, context);
  return 0;
}

/** The gateway of `--host`, or this user's own, whose control API has more. */
async function findSource(options: Options, context: CliContext): Promise<Source | { problem: string }> {
  const { environment } = context;
  const token = environment['CCR_TOKEN'] || undefined;
  const { host, port } = options;
  const isElsewhere = host !== undefined && !isLoopbackHost(host);
  const located = isElsewhere ? undefined : await locateGateway(options, context);
  if (located?.kind === 'ccr') {
    const { client } = located;
    return createSource(client.url, token ?? (await client.clientToken()), client);
  }
  // Another program there may be a gateway whose endpoints have this format.
  if (host === undefined && located?.kind === 'nobody')
    return { problem: `${describeAbsence(located)} Start it with: ccr start` };
  const name = host ?? '127.0.0.1';
  const written = name.includes(':') && !name.startsWith('[') ? `[${name}]` : name;
  const source = createSource(`http://${written}:${port ?? located?.port ?? defaultPort}`, token);
  try {
    await source.read();
    return source;
  } catch (thrown) {
    return { problem: messageOf(thrown) };
  }
}

async function show(source: Source, terminal: ScreenTerminal, context: CliContext): Promise<void> {
  const { render } = await import('./render.ts');
  const { promise: ended, resolve: quit } = Promise.withResolvers<void>();
  const hasColour = !context.environment['NO_COLOR'] && context.environment['TERM'] !== 'dumb';
  const view: Omit<View, 'now'> = {
    url: source.url,
    snapshot: undefined,
    problem: undefined,
    place: placeOf(context),
    version: context.version,
  };
  const draw = (): void => screen.draw(render({ ...view, now: Date.now() }, screen.size(), hasColour));
  const screen = openScreen(terminal, {
    onKey: (key) => {
      if (quitKeys.has(key)) quit();
    },
    onChange: draw,
    onGone: quit,
  });
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  for (const signal of signals) process.once(signal, quit);

  let timer: NodeJS.Timeout | undefined;
  let isOver = false;
  async function poll(): Promise<void> {
    try {
      view.snapshot = await source.read();
      view.problem = undefined;
    } catch (thrown) {
      view.problem = oneLine(`${messageOf(thrown)} Trying again.`);
    }
    if (isOver) return;
    draw();
    timer = setTimeout(() => void poll(), view.problem === undefined ? readEveryMs : retryEveryMs);
  }

  try {
    draw();
    void poll();
    await ended;
  } finally {
    isOver = true;
    clearTimeout(timer);
    for (const signal of signals) process.off(signal, quit);
    screen.close();
  }
}

/** q, Escape, Ctrl+C. An arrow key begins with Escape, but has more. */
const quitKeys = new Set(['q', 'Q', '\u001B', '\u0003']);

/** The folder, and the branch that is checked out there. */
function placeOf({ currentDirectory, homeDirectory }: CliContext): string {
  const isBelowHome = homeDirectory !== '' && `${currentDirectory}/`.startsWith(`${homeDirectory}/`);
  const folder = isBelowHome ? `~${currentDirectory.slice(homeDirectory.length)}` : currentDirectory;
  const branch = branchOf(currentDirectory);
  return oneLine(branch === undefined ? folder : `${folder} (${branch})`);
}

function branchOf(folder: string): string | undefined {
  const parent = path.dirname(folder);
  try {
    const head = readFileSync(path.join(gitFolder(folder), 'HEAD'), 'utf8').trim();
    return head.startsWith('ref: ') ? head.replace(/^ref: (refs\/heads\/)?/, '') : head.slice(0, 8);
  } catch {
    return parent === folder ? undefined : branchOf(parent);
  }
}

/** In a work tree, `.git` is a file that names the folder. */
function gitFolder(folder: string): string {
  const git = path.join(folder, '.git');
  try {
    const named = /^gitdir: (.*)$/m.exec(readFileSync(git, 'utf8'))?.[1];
    return named === undefined ? git : path.resolve(folder, named);
  } catch {
    return git;
  }
}
