import { parse } from 'dotenv';
import path from 'node:path';
import { worded, wording } from '../canonical/wording.ts';
import { codeOf, dotenvFiles, type FindOptions, type ReadFile } from './files.ts';
import type { Problem } from './problems.ts';
import type { DotenvFile } from './variables.ts';

/** The `.env` files in order of precedence. */
export function readDotenvFiles(
  options: FindOptions,
  readFile: ReadFile,
): { files: DotenvFile[]; names: string[]; problems: Problem[] } {
  const names = dotenvFiles(options);
  const files: DotenvFile[] = [];
  const problems: Problem[] = [];
  for (const file of names) {
    try {
      files.push({
        label: withTilde(file, options.homeDirectory),
        values: parse(readFile(file).replace(/^\uFEFF/, '')),
      });
    } catch (error) {
      if (!isAbsence(error))
        problems.push({
          severity: 'warning',
          code: 'unreadable-file',
          file,
          ...worded(wording("Can't read this file: {0}.", codeOf(error))),
        });
    }
  }
  return { files, names, problems };
}

/** EISDIR: a folder named `.env` is probably a Python environment. */
function isAbsence(error: unknown): boolean {
  return ['ENOENT', 'ENOTDIR', 'EISDIR'].includes(codeOf(error));
}

function withTilde(file: string, homeDirectory: string): string {
  const relative = path.relative(homeDirectory, file);
  return relative.startsWith('..') || path.isAbsolute(relative) ? file : path.join('~', relative);
}
