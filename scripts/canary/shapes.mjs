// What requests of a client are made of, so that those of a new version can be compared with recorded ones.

/** The request's own fields and the kinds of its items and tools, such as `thinking` or `tool custom apply_patch`. */
export function shapesOf(body) {
  const found = new Set(Object.keys(body).map((key) => `field ${key}`));
  const tools = [...list(body.tools), ...list(body.input).flatMap(({ tools: late }) => list(late))];
  for (const tool of tools) for (const key of Object.keys(tool)) found.add(`field of a tool: ${key}`);
  for (const { type } of tools) if (typeof type === 'string') found.add(`kind of tool: ${type}`);
  for (const item of list(body.input)) found.add(`kind of item: ${item.type ?? 'message'}`);
  const parts = [...list(body.messages), ...list(body.input)].flatMap(({ content }) => list(content));
  for (const { type } of parts) if (typeof type === 'string') found.add(`kind of part: ${type}`);
  for (const { role } of list(body.messages)) found.add(`role: ${role}`);
  return found;
}

/** The shapes of the requests that are in none of the recording, however that is nested. Sorted. */
export function newShapes(requests, recording) {
  const known = new Set(bodiesIn(recording).flatMap((body) => [...shapesOf(body)]));
  const sent = requests.flatMap(({ body }) => [...shapesOf(body)]);
  return [...new Set(sent.filter((shape) => !known.has(shape)))].toSorted();
}

/** Every object with messages or an input in a recording. */
function bodiesIn(value) {
  if (Array.isArray(value)) return value.flatMap(bodiesIn);
  if (typeof value !== 'object' || value === null) return [];
  if (Array.isArray(value.messages) || Array.isArray(value.input)) return [value];
  return Object.values(value).flatMap(bodiesIn);
}

function list(value) {
  return Array.isArray(value) ? value.filter((each) => typeof each === 'object' && each !== null) : [];
}
