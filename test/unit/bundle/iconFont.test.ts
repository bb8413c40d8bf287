import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';
import { iconFont } from '../../../scripts/bundle/iconFont.mjs';

const mediaFolder = path.join(import.meta.dirname, '../../../media');
const fontFile = path.join(mediaFolder, 'ccr.woff');
const font = iconFont(readFileSync(path.join(mediaFolder, 'ccr.svg'), 'utf8'));

it('the font of the status bar has the drawing of the activity bar', () => {
  if (process.env['UPDATE']) writeFileSync(fontFile, font);
  expect(font.equals(readFileSync(fontFile))).toBe(true);
});

it('its tables are whole, and as long as the head says', () => {
  expect(font.toString('latin1', 0, 4)).toBe('wOFF');
  expect(font.readUInt32BE(8)).toBe(font.length);
  const tables = Array.from({ length: font.readUInt16BE(12) }, (_, index) => {
    const at = 44 + 20 * index;
    return {
      name: font.toString('latin1', at, at + 4),
      offset: font.readUInt32BE(at + 4),
      length: font.readUInt32BE(at + 12),
    };
  });
  expect(tables.map(({ name }) => name)).toEqual([
    'OS/2',
    'cmap',
    'glyf',
    'head',
    'hhea',
    'hmtx',
    'loca',
    'maxp',
    'name',
    'post',
  ]);
  const lengths = Object.fromEntries(tables.map(({ name, length }) => [name, length]));
  expect(lengths).toMatchObject({ 'OS/2': 96, head: 54, hhea: 36, hmtx: 8, loca: 12, maxp: 32, post: 32 });
  for (const { offset, length } of tables) expect(offset % 4 === 0 && offset + length <= font.length).toBe(true);
});

it('a drawing with what it does not know is refused', () => {
  const svg = '<svg viewBox="0 0 24 24" stroke-width="2"><path d="M1 1v3"/></svg>';
  expect(() => iconFont(svg)).toThrow(/does not know: v/);
});
