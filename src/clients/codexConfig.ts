import { isDeepStrictEqual } from 'node:util';
import { parse, type TomlTable } from 'smol-toml';
import { messageOf } from '../canonical/errors.ts';
import { ClientFileError } from './clientFileError.ts';
import { lineEnd, nextLine, tomlStatements, type TomlStatement } from './tomlStatements.ts';

/** How Codex gets to the gateway. */
export type CodexConnection = {
  /** The base of the API, with `/v1`. */
  baseUrl: string;
  /** Must have the scheme, host and port of `baseUrl` (Codex 0.169 refuses another one). */
  catalogUrl: string;
  /** A program that prints the gateway's token for clients. */
  tokenCommand: { command: string; args: string[] };
};

/** What an undo needs to know of the edit. */
export type CodexEdit = {
  /** The value of `model_provider` before, as it was written. Undefined when there was none. */
  provider: string | undefined;
  /** Each piece of text that was inserted, exactly. */
  inserted: { provider: string; table: string };
};

const providerId = 'ccr';

/** The same as those of the shim (see cli/codexArguments.ts). */
const retries = { request: 4, stream: 3 };

/**
 * Makes `ccr` the model provider of a Codex `config.toml`. All other bytes stay: the value of `model_provider` is replaced in
 * place or a line is inserted at the top, and the provider's table is appended.
 * @throws ClientFileError when the text is not TOML, or has a provider `ccr` of the user's own
 */
export function connectCodexConfig(text: string, connection: CodexConnection): { text: string; edit: CodexEdit } {
  const before = parseConfig(text);
  if (ownProvider(before) !== undefined) {
    throw new ClientFileError(
      `It already has a provider "${providerId}". Remove or rename [model_providers.${providerId}] first.`,
    );
  }
  const newline = text.includes('\r\n') ? '\r\n' : '\n';
  const provider = insertProvider(text, newline);
  const table = insertTable(provider.text, connection, newline);
  const expected = {
    ...before,
    model_provider: providerId,
    model_providers: { ...asTable(before['model_providers']), [providerId]: providerTable(connection) },
  };
  if (!isConfig(table.text, expected)) {
    throw new ClientFileError('CCR could not add its provider without changing something else in it.');
  }
  return {
    text: table.text,
    edit: { provider: provider.previous, inserted: { provider: provider.inserted, table: table.inserted } },
  };
}

/**
 * Takes CCR out again. What was edited since stays, also a `model_provider` that was changed to another one. Without the record
 * of the edit, what CCR added is removed and no earlier provider is restored. A provider `ccr` of the user's own stays.
 */
export function disconnectCodexConfig(text: string, edit: CodexEdit | undefined): string {
  const provider = isToml(text) ? ownProvider(parseConfig(text)) : undefined;
  if (provider === undefined ? edit === undefined : !isByCcr(provider)) return text;
  return removeProvider(removeTable(text, edit), edit);
}

/** Whether the config uses the provider `ccr`. False for a text that is not TOML. */
export function isCodexConnected(text: string): boolean {
  if (!isToml(text)) return false;
  const config = parseConfig(text);
  return config['model_provider'] === providerId && ownProvider(config) !== undefined;
}

function parseConfig(text: string): TomlTable {
  try {
    // Codex reads integers of 64 bits.
    return parse(text.replace(/^\uFEFF/, ''), { integersAsBigInt: 'asNeeded' });
  } catch (error) {
    throw new ClientFileError(`It is not valid TOML: ${messageOf(error).split('\n')[0] ?? ''}.`, error);
  }
}

function ownProvider(config: TomlTable): unknown {
  return asTable(config['model_providers'])[providerId];
}

/** The URL that CCR writes, which has the scope of a client. */
function isByCcr(provider: unknown): boolean {
  const { base_url: url } = asTable(provider);
  return typeof url === 'string' && /\/w\/[^/]+\/v1$/.test(url);
}

function isToml(text: string): boolean {
  try {
    parseConfig(text);
    return true;
  } catch {
    return false;
  }
}

function asTable(value: unknown): TomlTable {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as TomlTable) : {};
}

/** Checks our own edit: whether the text is TOML and has exactly these values. */
function isConfig(text: string, expected: TomlTable): boolean {
  // Without smol-toml's prototypes. JSON has no integers of 64 bits.
  const plain = (value: unknown): unknown =>
    JSON.parse(JSON.stringify(value, (_, each: unknown) => (typeof each === 'bigint' ? `${each}n` : each)));
  try {
    return isDeepStrictEqual(plain(parseConfig(text)), plain(expected));
  } catch {
    return false;
  }
}

function providerTable({ baseUrl, catalogUrl, tokenCommand }: CodexConnection): TomlTable {
  return {
    name: 'CCR',
    base_url: baseUrl,
    wire_api: 'responses',
    supports_websockets: false,
    request_max_retries: retries.request,
    stream_max_retries: retries.stream,
    model_catalog_url: catalogUrl,
    auth: { command: tokenCommand.command, args: tokenCommand.args },
  };
}

/** JSON's string escapes are valid in TOML. */
function writeValue(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(writeValue).join(', ')}]`;
  if (typeof value === 'object' && value !== null) {
    return `{ ${Object.entries(value)
      .map(([key, each]) => `${key} = ${writeValue(each)}`)
      .join(', ')} }`;
  }
  return JSON.stringify(value);
}

/** The entry with this key before the first header. */
function rootEntry(statements: readonly TomlStatement[], key: string): TomlStatement | undefined {
  const firstHeader = statements.findIndex(({ kind }) => kind === 'header');
  const root = firstHeader < 0 ? statements : statements.slice(0, firstHeader);
  return root.find(({ path }) => path.length === 1 && path[0] === key);
}

function insertProvider(
  text: string,
  newline: string,
): { text: string; inserted: string; previous: string | undefined } {
  const found = rootEntry(tomlStatements(text), 'model_provider');
  if (found) {
    const inserted = JSON.stringify(providerId);
    const previous = text.slice(found.valueStart, found.end);
    return { text: text.slice(0, found.valueStart) + inserted + text.slice(found.end), inserted, previous };
  }
  const inserted = `model_provider = ${JSON.stringify(providerId)}${newline}`;
  const place = afterDirectives(text);
  return { text: text.slice(0, place) + inserted + text.slice(place), inserted, previous: undefined };
}

/** After a byte order mark and the `#:schema` lines that editors expect first. */
function afterDirectives(text: string): number {
  let place = text.startsWith('\uFEFF') ? 1 : 0;
  while (text.startsWith('#:', place) && text.includes('\n', place)) place = nextLine(text, place);
  return place;
}

function insertTable(text: string, connection: CodexConnection, newline: string): { text: string; inserted: string } {
  const entry = rootEntry(tomlStatements(text), 'model_providers');
  if (entry) return insertInline(text, entry, connection);
  const lines = Object.entries(providerTable(connection)).map(
    ([key, value]) => `${key} = ${writeValue(value)}${newline}`,
  );
  const ending = text.endsWith('\n') ? '' : newline;
  const inserted = `${ending}${newline}[model_providers.${providerId}]${newline}${lines.join('')}`;
  return { text: text + inserted, inserted };
}

/** No header may add to an inline table (TOML 1.0). */
function insertInline(
  text: string,
  { valueStart, end }: TomlStatement,
  connection: CodexConnection,
): { text: string; inserted: string } {
  const isEmpty = /^\{\s*\}$/.test(text.slice(valueStart, end));
  const inserted = ` ${providerId} = ${writeValue(providerTable(connection))}${isEmpty ? '' : ','}`;
  return { text: text.slice(0, valueStart + 1) + inserted + text.slice(valueStart + 1), inserted };
}

function removeProvider(text: string, edit: CodexEdit | undefined): string {
  const found = rootEntry(tomlStatements(text), 'model_provider');
  if (!found || !isOurId(text.slice(found.valueStart, found.end))) return text;
  if (edit?.provider !== undefined) return text.slice(0, found.valueStart) + edit.provider + text.slice(found.end);
  return text.slice(0, found.start) + text.slice(nextLine(text, found.end));
}

function isOurId(value: string): boolean {
  return value === `"${providerId}"` || value === `'${providerId}'`;
}

function removeTable(text: string, edit: CodexEdit | undefined): string {
  const inserted = edit?.inserted.table;
  const place = inserted === undefined ? -1 : text.indexOf(inserted);
  if (inserted !== undefined && place >= 0) {
    const rest = text.slice(place + inserted.length);
    return text.slice(0, place) + keptEnding(inserted, rest) + rest;
  }
  return removeChangedTable(text);
}

/** The line break that ended the last line, if it had none before and something follows now. */
function keptEnding(inserted: string, rest: string): string {
  if (rest === '' || !/^\r?\n\r?\n/.test(inserted)) return '';
  return inserted.startsWith('\r') ? '\r\n' : '\n';
}

/** After the table was rewritten in another form: its headers and entries, but no comment below them. */
function removeChangedTable(text: string): string {
  const statements = tomlStatements(text);
  const isOurs = ({ path }: TomlStatement): boolean => path[0] === 'model_providers' && path[1] === providerId;
  for (let index = statements.length - 1; index >= 0; index--) {
    const header = statements[index];
    if (header?.kind !== 'header' || !isOurs(header)) continue;
    const following = statements.slice(index + 1).findIndex(({ kind }) => kind === 'header');
    const last = following < 0 ? statements.at(-1) : statements[index + following];
    const from = withoutBlankLine(text, header.start);
    return removeChangedTable(text.slice(0, from) + text.slice(nextLine(text, lineEnd(text, last?.end ?? header.end))));
  }
  return text;
}

/** Before the blank line above, if there is one. */
function withoutBlankLine(text: string, start: number): number {
  const blank = /\r?\n(\r?\n)$/.exec(text.slice(0, start));
  return blank ? start - (blank[1]?.length ?? 0) : start;
}
