import { chmod, lstat, mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describeIssue } from '../canonical/describeIssue.ts';
import { messageOf } from '../canonical/errors.ts';
import { parseJson } from '../canonical/json.ts';
import { codeOf } from '../config/files.ts';
import { captureSchema, captureTime, maxFileBytes, type Capture } from './format.ts';

/** Something about a capture that its user has to know; the message is for them. */
export class CaptureError extends Error {
  override readonly name = 'CaptureError';
}

/** ccr-rust's, so that its scripts find them. */
export function captureFolder(
  { output_dir: given }: { output_dir?: string | undefined },
  { homeDirectory, configFile }: { homeDirectory: string; configFile: string },
): string {
  if (given === undefined) return path.join(homeDirectory, '.ccr-rust', 'captures');
  if (/^~(?=[\\/]|$)/.test(given)) return path.join(homeDirectory, given.slice(1));
  return path.resolve(path.dirname(configFile), given);
}

/** Makes the folder readable by its owner only. @throws CaptureError for a link or a file in its place, and what node:fs throws. */
export async function openCaptureFolder(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 }).catch((thrown: unknown) => {
    if (codeOf(thrown) !== 'EEXIST') throw thrown;
  });
  const found = await lstat(folder);
  if (found.isSymbolicLink()) throw new CaptureError(`${folder} is a link. Captures need a folder of their own.`);
  if (!found.isDirectory()) throw new CaptureError(`${folder} is not a folder.`);
  await chmod(folder, 0o700);
}

/** Writes a new file, then removes the oldest ones beyond `maxFiles`. Nothing is left behind if that fails. @throws what node:fs throws. */
export async function addCapture(folder: string, name: string, text: string, maxFiles: number): Promise<string> {
  await openCaptureFolder(folder);
  const file = path.join(folder, name);
  const draft = `${file}.part`;
  try {
    await writeFile(draft, text, { mode: 0o600, flag: 'wx', flush: true });
    await rename(draft, file);
  } catch (thrown) {
    await rm(draft, { force: true });
    throw thrown;
  }
  await removeOldest(folder, maxFiles).catch(async (thrown: unknown) => {
    await rm(file, { force: true });
    throw thrown;
  });
  return file;
}

async function removeOldest(folder: string, maxFiles: number): Promise<void> {
  const names = await captureNames(folder);
  for (const name of names.slice(maxFiles)) await rm(path.join(folder, name), { force: true });
}

/** Newest first; links and other files are no captures. @throws CaptureError */
export async function captureNames(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch((thrown: unknown) => {
    throw new CaptureError(folderProblem(folder, codeOf(thrown)), { cause: thrown });
  });
  const found = entries.flatMap((entry) => {
    const time = entry.isFile() ? captureTime(entry.name) : undefined;
    return time === undefined ? [] : [{ name: entry.name, time }];
  });
  return found.toSorted((a, b) => (a.time < b.time ? 1 : -1)).map(({ name }) => name);
}

function folderProblem(folder: string, code: string): string {
  if (code === 'ENOENT')
    return `There are no captures: ${folder} does not exist. Set "DebugCapture": { "enabled": true } in the config to make some.`;
  if (code === 'ENOTDIR') return `${folder} is not a folder.`;
  return `Can't read ${folder}: ${code}.`;
}

/** @throws CaptureError */
export async function readCapture(file: string): Promise<Capture> {
  const value = parseJson(await readBounded(file, maxFileBytes));
  const name = path.basename(file);
  if (value === undefined) throw new CaptureError(`${name} is damaged: it is not valid JSON.`);
  const parsed = captureSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const what = issue ? `${issue.path.join('.')}: ${describeIssue(issue)}` : 'its fields are wrong';
  throw new CaptureError(`${name} is no capture, or a damaged one (${what}).`);
}

/** @throws CaptureError if the file can't be read, is no regular file or has more than `maxBytes`. */
export async function readBounded(file: string, maxBytes: number): Promise<string> {
  try {
    // Before it is opened: to open a named pipe would wait for its writer.
    const found = await stat(file);
    if (!found.isFile()) throw new CaptureError(`${file} is not a file.`);
    if (found.size > maxBytes) throw new CaptureError(`${file} has more than ${maxBytes / 1024 / 1024} MiB.`);
    return await readFile(file, 'utf8');
  } catch (thrown) {
    if (thrown instanceof CaptureError) throw thrown;
    const why = codeOf(thrown) === 'ENOENT' ? 'it does not exist' : messageOf(thrown);
    throw new CaptureError(`Can't read ${file}: ${why}.`, { cause: thrown });
  }
}

/** Removes all captures, and what a write that was interrupted left. Resolves with their number. @throws CaptureError */
export async function clearCaptures(folder: string): Promise<number> {
  const names = await captureNames(folder);
  const drafts = (await readdir(folder)).filter((name) => /^ccr_capture_v1_.*\.json\.part$/.test(name));
  for (const name of [...names, ...drafts]) await rm(path.join(folder, name), { force: true });
  return names.length;
}
