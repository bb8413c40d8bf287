import { readFile } from 'node:fs/promises';

/**
 * Makes bundles ASCII. One with a character beyond Latin-1 takes two bytes in memory for each of its millions: esbuild writes the
 * characters of strings as escapes, but leaves those of regular expressions as they are.
 */
export const escapeCharacters = {
  name: 'escape-characters',
  setup(build) {
    build.onLoad({ filter: /[\\/]src[\\/].*\.ts$/ }, async ({ path }) => {
      const text = await readFile(path, 'utf8');
      return { contents: text.replaceAll(/[^\0-\x7f]/g, escapeOf), loader: 'ts' };
    });
  },
};

function escapeOf(unit) {
  return `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
