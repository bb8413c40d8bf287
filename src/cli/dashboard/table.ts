import { cell, fit, paint, type Cell } from './text.ts';

/** A column takes `width`, and of what is left its share by `grow`. */
export type Column = { title: string; width: number; grow?: number; align?: 'left' | 'right' };

export type Table = { columns: readonly Column[]; rows: readonly (readonly Cell[])[]; empty: string };

/**
 * The lines of a table, `width` columns wide and at most `height` high, title line included. Columns that have no room are left out
 * from the right, but the first.
 */
export function writeTable(
  { columns, rows, empty }: Table,
  width: number,
  height: number,
  hasColour: boolean,
): string[] {
  const shown = columnsIn(columns, width);
  const line = (cells: readonly Cell[]): string =>
    shown
      .map(({ size, align, index }) => {
        const { text, colour } = cells[index] ?? cell('');
        return paint(fit(text, size, align), colour, hasColour);
      })
      .join(' ');
  if (height <= 0) return [];
  const title = paint(line(columns.map((column) => cell(column.title))), 'bold', hasColour);
  if (rows.length === 0) return [title, ...(height > 1 ? [paint(fit(empty, width), 'dim', hasColour)] : [])];
  const room = height - 1;
  if (rows.length <= room) return [title, ...rows.map(line)];
  const kept = rows.slice(0, Math.max(0, room - 1)).map(line);
  const more = paint(fit(`… ${rows.length - kept.length} more`, width), 'dim', hasColour);
  return [title, ...kept, ...(room > 0 ? [more] : [])];
}

type Placed = { size: number; align: 'left' | 'right'; index: number };

function columnsIn(columns: readonly Column[], width: number): Placed[] {
  let count = columns.length;
  const needed = (): number => columns.slice(0, count).reduce((sum, column) => sum + column.width + 1, -1);
  while (count > 1 && needed() > width) count--;
  const kept = columns.slice(0, count);
  const free = width - needed();
  const shares = kept.reduce((sum, { grow = 0 }) => sum + grow, 0);
  let given = 0;
  return kept.map(({ width: own, grow = 0, align = 'left' }, index) => {
    const isLast = kept.slice(index + 1).every((column) => !column.grow);
    const extra = grow === 0 ? 0 : isLast ? free - given : Math.floor((free * grow) / shares);
    given += extra;
    return { size: own + extra, align, index };
  });
}
