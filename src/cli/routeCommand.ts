import { readFileSync } from 'node:fs';
import path from 'node:path';
import { messageOf } from '../canonical/errors.ts';
import { isObject, parseJson } from '../canonical/json.ts';
import type { DialectId } from '../canonical/request.ts';
import type { CliContext, ExitCode } from './context.ts';
import { show } from './explain.ts';
import type { LocateOptions } from './locate.ts';

/** The dialects by the names that the command takes. */
const dialects: Record<string, DialectId> = {
  chat: 'openai-chat',
  responses: 'openai-responses',
  messages: 'anthropic-messages',
};
export const dialectNames = Object.keys(dialects);

type Options = LocateOptions & {
  json?: boolean | undefined;
  dialect?: string | undefined;
  /** Each `name: value`. */
  header: string[];
  preset?: string | undefined;
  scope?: string | undefined;
};

/** Prints what would happen to the request in a file, or in stdin for `-`. Sends nothing to a provider. */
export async function routeCommand(file: string, options: Options, context: CliContext): Promise<ExitCode> {
  let text: string;
  try {
    text = readFileSync(file === '-' ? 0 : path.resolve(context.currentDirectory, file), 'utf8');
  } catch (thrown) {
    context.complain(`ccr: Can't read the request: ${messageOf(thrown)}`);
    return 1;
  }
  const body = parseJson(text);
  if (!isObject(body)) {
    context.complain(`ccr: ${file === '-' ? 'The input' : file} is not a JSON object.`);
    return 1;
  }
  const headers = Object.fromEntries(options.header.map(splitHeader));
  const dialect = dialects[options.dialect ?? ''] ?? ('input' in body ? 'openai-responses' : 'openai-chat');
  const { preset, scope } = options;
  return show(options, context, (client) => client.preview({ dialect, body, headers, preset, scope }));
}

function splitHeader(header: string): [string, string] {
  const colon = header.indexOf(':');
  return colon < 0 ? [header.trim(), ''] : [header.slice(0, colon).trim(), header.slice(colon + 1).trim()];
}
