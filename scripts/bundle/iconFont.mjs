// The icon font of the status bar: one glyph, from the same drawing as the activity bar's icon. VS Code takes icons of its
// status bar from fonts alone. Reads what that drawing has: stroked circles, and paths of M, h and c.

/** The glyph's character, in Unicode's private area. */
const character = 0xe000;
/** Units of the font for one of the drawing. */
const scale = 40;
/** Straight pieces of a curve, and of a circle: at any size of a status bar, none can be told from a curve. */
const pieces = 16;

/** @param {string} svg a square drawing @returns {Buffer} a WOFF 1.0 font */
export function iconFont(svg) {
  const size = Number(/viewBox="0 0 (\d+) \1"/.exec(svg)?.[1]) * scale;
  const stroke = Number(/stroke-width="([\d.]+)"/.exec(svg)?.[1]);
  const circles = [...svg.matchAll(/<circle cx="([\d.]+)" cy="([\d.]+)" r="([\d.]+)"\/>/g)].map((match) =>
    match.slice(1).map(Number),
  );
  const lines = [...svg.matchAll(/<path d="([^"]+)"\/>/g)].flatMap(([, data]) => linesOf(data));
  const contours = [
    ...circles.flatMap(([x, y, radius]) => [
      turned(ring(x, y, radius + stroke / 2), 1),
      turned(ring(x, y, radius - stroke / 2), -1),
    ]),
    ...lines.map((line) => turned(band(line, stroke), 1)),
  ].map((points) => points.map(([x, y]) => [Math.round(x * scale), Math.round(size - y * scale)]));
  return woff(tables(size, contours));
}

function ring(x, y, radius) {
  return Array.from({ length: 2 * pieces }, (_, index) => {
    const angle = (index / pieces) * Math.PI;
    return [x + radius * Math.cos(angle), y + radius * Math.sin(angle)];
  });
}

/** The points in this direction around their area: a hole turns against what it is in. */
function turned(points, direction) {
  const area = points.reduce((sum, [x, y], index) => {
    const [nextX, nextY] = points[(index + 1) % points.length];
    return sum + x * nextY - nextX * y;
  }, 0);
  return Math.sign(area) === direction ? points : points.toReversed();
}

/** The outline of a line of this width. */
function band(line, width) {
  const side = (factor) =>
    line.map(([x, y], index) => {
      const [beforeX, beforeY] = line[Math.max(index - 1, 0)];
      const [afterX, afterY] = line[Math.min(index + 1, line.length - 1)];
      const length = Math.hypot(afterX - beforeX, afterY - beforeY);
      const offset = (factor * width) / 2 / length;
      return [x - (afterY - beforeY) * offset, y + (afterX - beforeX) * offset];
    });
  return [...side(1), ...side(-1).toReversed()];
}

/** The points of each line of a path. */
function linesOf(data) {
  const lines = [];
  for (const [, command, values] of data.matchAll(/([a-zA-Z])([^a-zA-Z]*)/g)) {
    const numbers = (values.match(/-?[\d.]+/g) ?? []).map(Number);
    const line = lines.at(-1);
    const [x, y] = line?.at(-1) ?? [0, 0];
    if (command === 'M') lines.push([numbers]);
    else if (command === 'h') line.push([x + numbers[0], y]);
    else if (command === 'c') line.push(...curve([x, y], numbers));
    else throw new Error(`The drawing has a command that scripts/bundle/iconFont.mjs does not know: ${command}`);
  }
  return lines;
}

function curve([x, y], [x1, y1, x2, y2, x3, y3]) {
  return Array.from({ length: pieces }, (_, index) => {
    const t = (index + 1) / pieces;
    const [a, b, c] = [3 * (1 - t) ** 2 * t, 3 * (1 - t) * t ** 2, t ** 3];
    return [x + a * x1 + b * x2 + c * x3, y + a * y1 + b * y2 + c * y3];
  });
}

/** Those that OpenType requires, of a font with an empty first glyph and ours. */
function tables(size, contours) {
  const points = contours.flat();
  const bounds = [0, 1].map((axis) => points.map((point) => point[axis]));
  const box = [Math.min(...bounds[0]), Math.min(...bounds[1]), Math.max(...bounds[0]), Math.max(...bounds[1])];
  const glyph = glyphOf(contours, points, box);
  const name = Buffer.from('CCR', 'utf16le').swap16();
  const names = [1, 2, 4, 6];
  return {
    'OS/2': bytes([
      ...u16(4, size, 400, 5, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0),
      ...zeros(10), // panose
      ...u32(0, 0, 0, 0),
      ...ascii('CCR '),
      ...u16(64, character, character, size, 0, 0, size, 0),
      ...u32(0, 0),
      ...u16(0, 0, 0, 0, 0),
    ]),
    cmap: bytes(
      u16(0, 1, 3, 1, 0, 12, 4, 32, 0, 4, 4, 1, 0, character, 0xffff, 0, character, 0xffff, 1 - character, 1, 0, 0),
    ),
    glyf: glyph,
    head: bytes([
      ...u32(0x10000, 0x10000, 0, 0x5f0f3cf5),
      ...u16(3, size),
      ...u32(0, 0, 0, 0), // no date: the same drawing gives the same bytes
      ...u16(...box, 0, 8, 2, 1, 0),
    ]),
    hhea: bytes([...u32(0x10000), ...u16(size, 0, 0, size, box[0], 0, box[2], 1, 0, 0, 0, 0, 0, 0, 0, 2)]),
    hmtx: bytes(u16(size, 0, size, box[0])),
    loca: bytes(u32(0, 0, glyph.length)),
    maxp: bytes([...u32(0x10000), ...u16(2, points.length, contours.length, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0)]),
    name: Buffer.concat([
      bytes(u16(0, names.length, 6 + 12 * names.length, ...names.flatMap((id) => [3, 1, 0x409, id, name.length, 0]))),
      name,
    ]),
    post: bytes([...u32(0x30000, 0), ...u16(0, 0), ...u32(0, 0, 0, 0, 0)]),
  };
}

function glyphOf(contours, points, box) {
  let end = -1;
  const ends = contours.map(({ length }) => (end += length));
  const steps = (axis) => points.map((point, index) => point[axis] - (points[index - 1]?.[axis] ?? 0));
  const data = [...u16(contours.length, ...box, ...ends, 0), ...points.map(() => 1), ...u16(...steps(0), ...steps(1))];
  return bytes([...data, ...zeros((4 - (data.length % 4)) % 4)]);
}

/** Not compressed: a kilobyte is not worth bytes that depend on the version of zlib. */
function woff(tables) {
  const names = Object.keys(tables).toSorted();
  const padded = (length) => Math.ceil(length / 4) * 4;
  const head = 12 + 16 * names.length;
  const sizes = names.map((name) => padded(tables[name].length));
  const total = sizes.reduce((sum, size) => sum + size, 44 + 20 * names.length);
  const fontSize = sizes.reduce((sum, size) => sum + size, head);
  let offset = 44 + 20 * names.length;
  const entries = names.flatMap((name, index) => {
    const { length } = tables[name];
    const entry = [...ascii(name), ...u32(offset, length, length, checksum(tables[name]))];
    offset += sizes[index];
    return entry;
  });
  const parts = names.flatMap((name, index) => [tables[name], Buffer.alloc(sizes[index] - tables[name].length)]);
  const header = [...ascii('wOFF'), ...u32(0x10000, total), ...u16(names.length, 0), ...u32(fontSize), ...u16(1, 0)];
  return Buffer.concat([bytes([...header, ...u32(0, 0, 0, 0, 0), ...entries]), ...parts]);
}

function checksum(table) {
  let sum = 0;
  for (let at = 0; at < table.length; at += 4)
    sum += Buffer.concat([table.subarray(at, at + 4), Buffer.alloc(4)]).readUInt32BE(0);
  return sum % 2 ** 32;
}

const zeros = (length) => Array.from({ length }, () => 0);
const bytes = (values) => Buffer.from(values);
const ascii = (text) => [...Buffer.from(text, 'latin1')];
const u16 = (...values) => values.flatMap((value) => [(value >> 8) & 255, value & 255]);
const u32 = (...values) =>
  values.flatMap((value) => [value >>> 24, (value >>> 16) & 255, (value >>> 8) & 255, value & 255]);
