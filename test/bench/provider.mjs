// The stand-in provider, in a process of its own. The model's name says how to answer (wires.mjs). It prints its URL.
import { createServer } from 'node:http';
import { setImmediate } from 'node:timers/promises';
import { faults } from './faults.mjs';
import { answerFrames, joinFrames, paths, readShape } from './wires.mjs';

/** Makes each write a packet of its own, and the next one come `ms` later. */
async function pause(ms) {
  const end = performance.now() + ms;
  do await setImmediate();
  while (performance.now() < end);
}

const answers = new Map();

function answerOf(dialect, model) {
  const key = `${dialect} ${model}`;
  const known = answers.get(key);
  if (known) return known;
  const shape = readShape(model);
  const answer = { writes: joinFrames(answerFrames(dialect, shape, model), shape.chunk), pauseMs: shape.pauseMs };
  answers.set(key, answer);
  return answer;
}

/** Clients may name the target as `provider,model`, which the pipe passes on as it is. */
async function readModel(incoming) {
  const parts = [];
  for await (const part of incoming) parts.push(part);
  const text = Buffer.concat(parts).toString();
  return JSON.parse(text).model.split(/[,/]/).at(-1);
}

let open = 0;

const server = createServer(async (incoming, outgoing) => {
  // How many answers are being written.
  if (incoming.url === '/open') return outgoing.end(String(open));
  const dialect = Object.keys(paths).find((name) => incoming.url.endsWith(paths[name].slice(3)));
  if (!dialect) return outgoing.writeHead(404).end();
  open++;
  outgoing.on('close', () => open--);
  let model;
  try {
    model = await readModel(incoming);
  } catch {
    // The client has hung up while it sent its request.
    return outgoing.destroy();
  }
  const fault = faults[model.split('-')[0]];
  if (fault) return fault(outgoing, answerOf(dialect, model));
  outgoing.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-cache' });
  outgoing.socket.setNoDelay(true);
  const { writes, pauseMs } = answerOf(dialect, model);
  for (const write of writes) {
    if (outgoing.destroyed) return undefined;
    if (!outgoing.write(write)) await new Promise((resolve) => outgoing.once('drain', resolve).once('close', resolve));
    await pause(pauseMs);
  }
  return outgoing.end();
});

server.listen(0, '127.0.0.1', () => console.log(`http://127.0.0.1:${server.address().port}`));
