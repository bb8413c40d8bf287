import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, realpathSync, rmSync, statSync } from 'node:fs';
import path from 'node:path';
import * as z from 'zod';
import { configFolder } from '../config/files.ts';
import { readSecretFile } from '../config/secretFile.ts';
import { makePrivateFolder, writeFileAtomically } from '../control/privateFiles.ts';
import { ClientFileError } from './clientFileError.ts';

/**
 * Edits the text of one client's config file. `disconnect` gets what `connect` noted, if the record of it is still there; without
 * one it takes out only what CCR itself has written, never a value of the user's own of the same name.
 */
export type FileEditor = {
  connect(text: string): { text: string; edit: unknown };
  disconnect(text: string, edit: unknown): string;
};

export type ClientFile = {
  /** Names the record of the edit, such as `codex`. */
  client: string;
  file: string;
  homeDirectory: string;
  editor: FileEditor;
};

/** What would change, to be shown first. Undefined texts: no file. */
export type FileChange = {
  file: string;
  before: string | undefined;
  after: string | undefined;
  /** Writes the change. @throws ClientFileError when the file has changed since */
  apply(): void;
};

/** `before`: base64 of the whole file, null for none. `after`: hashes of the file as CCR wrote it. */
const recordSchema = z.object({
  file: z.string(),
  before: z.string().nullable(),
  after: z.array(z.string()),
  edit: z.unknown(),
});
type EditRecord = z.output<typeof recordSchema>;

const maxRecordBytes = 16 * 1024 * 1024;

/**
 * The change that connects the client. A connected file is first brought back to what it was, so edits never accumulate. The
 * record is written before the file, so a crash between the two leaves a record that changes nothing.
 * @throws ClientFileError when the file can't be read or edited
 */
export function connectFile(target: ClientFile): FileChange {
  const file = targetOf(target.file);
  const current = readText(file);
  const old = readRecord(target);
  const base = undone(current, old, target);
  const { text, edit } = editing(file, () => connectText(base ?? '', target.editor));
  const record: EditRecord = {
    file,
    before: base === undefined ? null : Buffer.from(base).toString('base64'),
    // Should a crash leave the old edit in the file, it is still known to belong to `before`.
    after: [hashOf(text), ...(current === undefined || current === base ? [] : [hashOf(current)])],
    edit,
  };
  return change(file, current, text, () => {
    writeRecord(target, record);
    writeText(file, text);
  });
}

/** The change that takes CCR out again, byte for byte if the file was not edited since. It needs no gateway. */
export function disconnectFile(target: ClientFile): FileChange {
  const record = readRecord(target);
  const file = record?.file ?? targetOf(target.file);
  const current = readText(file);
  const after = undone(current, record, target);
  return change(file, current, after, () => {
    if (after === undefined) rmSync(file, { force: true });
    else if (after !== current) writeText(file, after);
    rmSync(recordFile(target), { force: true });
  });
}

/** Whether CCR has a record of an edit of this client's file. */
export function hasRecord(target: Pick<ClientFile, 'client' | 'homeDirectory'>): boolean {
  return readRecord(target) !== undefined;
}

function undone(
  current: string | undefined,
  record: EditRecord | undefined,
  { file, editor }: ClientFile,
): string | undefined {
  if (current === undefined) return undefined;
  const isOurs = record?.after.includes(hashOf(current)) ?? false;
  if (record && isOurs)
    return record.before === null ? undefined : Buffer.from(record.before, 'base64').toString('utf8');
  const { mark, rest } = withoutMark(current);
  const text = editing(file, () => mark + editor.disconnect(rest, record?.edit));
  return isBlank(text) && record?.before === null ? undefined : text;
}

function connectText(current: string, editor: FileEditor): { text: string; edit: unknown } {
  const { mark, rest } = withoutMark(current);
  const { text, edit } = editor.connect(rest);
  return { text: mark + text, edit };
}

/** A byte order mark is not part of what editors edit, and stays. */
function withoutMark(text: string): { mark: string; rest: string } {
  const mark = text.startsWith('\uFEFF') ? '\uFEFF' : '';
  return { mark, rest: text.slice(mark.length) };
}

/** Names the file in what an editor says against its text. */
function editing<Result>(file: string, edit: () => Result): Result {
  try {
    return edit();
  } catch (error) {
    if (!(error instanceof ClientFileError)) throw error;
    throw new ClientFileError(`CCR can't edit ${file}. ${error.message}`, error);
  }
}

/** Nothing, or an object or array of JSON with nothing in it. */
function isBlank(text: string): boolean {
  return /^\s*(?:\{\s*\}\s*|\[\s*\]\s*)?$/.test(text);
}

function change(file: string, before: string | undefined, after: string | undefined, write: () => void): FileChange {
  return {
    file,
    before,
    after,
    apply() {
      if (readText(file) !== before) throw new ClientFileError(`${file} has changed since. Try again.`);
      write();
    },
  };
}

/** A linked file, as of people who keep their settings in a repository, stays linked. */
function targetOf(file: string): string {
  try {
    return realpathSync(file);
  } catch {
    return file;
  }
}

function readText(file: string): string | undefined {
  let bytes: Buffer;
  try {
    bytes = readFileSync(file);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw new ClientFileError(`CCR can't read ${file}.`, error);
  }
  const text = bytes.toString('utf8');
  if (!Buffer.from(text).equals(bytes)) throw new ClientFileError(`${file} is not UTF-8, so CCR does not edit it.`);
  return text;
}

function writeText(file: string, text: string): void {
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileAtomically(file, text, { mode: modeOf(file) });
}

function modeOf(file: string): number {
  try {
    return statSync(file).mode & 0o777;
  } catch {
    return 0o600;
  }
}

function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

function recordFolder(homeDirectory: string): string {
  return path.join(configFolder(homeDirectory), 'connected');
}

function recordFile({ client, homeDirectory }: Pick<ClientFile, 'client' | 'homeDirectory'>): string {
  return path.join(recordFolder(homeDirectory), `${client}.json`);
}

function readRecord(target: Pick<ClientFile, 'client' | 'homeDirectory'>): EditRecord | undefined {
  try {
    const { bytes } = readSecretFile(recordFile(target), { maxBytes: maxRecordBytes, noLinks: true });
    return recordSchema.parse(JSON.parse(bytes.toString('utf8')));
  } catch {
    return undefined;
  }
}

/** Private: the client's file may hold keys. */
function writeRecord(target: ClientFile, record: EditRecord): void {
  makePrivateFolder(configFolder(target.homeDirectory));
  makePrivateFolder(recordFolder(target.homeDirectory));
  writeFileAtomically(recordFile(target), JSON.stringify(record), { mode: 0o600 });
}
