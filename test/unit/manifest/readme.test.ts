// The README is the extension's page in the Marketplace, too.
import { readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';

const projectFolder = path.join(import.meta.dirname, '../../..');
const readme = readFileSync(path.join(projectFolder, 'README.md'), 'utf8');
const pictures = [...readme.matchAll(/!\[([^\]]*)\]\(([^)]+)\)/g)].map(([, text = '', file = '']) => ({ text, file }));
/** So that the film is there before its reader has scrolled on. Bytes. */
const largestFilm = 2_000_000;
const signatures: Record<string, string> = { '.png': '89504e47', '.gif': '47494638' };

it('its pictures are described, and are files of the repository that the Marketplace shows', () => {
  expect(pictures.length).toBeGreaterThan(3);
  for (const { text, file } of pictures) {
    expect(text, file).toMatch(/\w+ \w+ \w+/);
    // The Marketplace shows no SVG, and nothing without https.
    const bytes = readFileSync(path.join(projectFolder, file));
    expect(bytes.subarray(0, 4).toString('hex'), file).toBe(signatures[path.extname(file)]);
  }
});

it('vsce can make their addresses absolute, since the repository is on GitHub', () => {
  const { repository } = JSON.parse(readFileSync(path.join(projectFolder, 'package.json'), 'utf8'));
  expect(repository.url).toMatch(/^https:\/\/github\.com\/[\w-]+\/[\w-]+\.git$/);
  expect(pictures.filter(({ file }) => file.startsWith('/') || file.startsWith('http:'))).toEqual([]);
});

it('its film is small', () => {
  const films = pictures.filter(({ file }) => file.endsWith('.gif'));
  expect(films).toHaveLength(1);
  for (const { file } of films) expect(statSync(path.join(projectFolder, file)).size).toBeLessThan(largestFilm);
});
