// The clients of the soak test: each sends one request, of a kind that a number chooses, and checks how it ends.
import { Agent } from 'undici';
import { setTimeout as wait } from 'node:timers/promises';
import { faults } from './faults.mjs';
import { requestBody } from './requests.mjs';
import { pairs } from './subjects.mjs';
import { paths, readShape } from './wires.mjs';

const usual = 's40x8x4';
const large = 's200x560x16';
export const soakShapes = [usual, large].map(readShape);
export const faultyModels = Object.keys(faults).map((fault) => `${fault}-${usual}`);

const timeLimitMs = 30_000;
const pairNames = Object.keys(pairs);
const lastFrames = { chat: 'data: [DONE]', responses: 'event: response.completed', messages: 'event: message_stop' };

/** Out of 100 requests; the rest are usual ones, read to their end. */
const kinds = [
  ...Array(6).fill('hang-up'),
  ...Array(2).fill('slow'),
  ...Array(2).fill('big'),
  ...Array(8).fill('faulty'),
  ...Array(82).fill('usual'),
];

export function createSoakClients(gatewayUrl) {
  const agent = new Agent({ connections: 200, keepAliveTimeout: 2000 });
  const bodies = new Map();
  const bodyOf = (dialect, model, bytes) => {
    const key = `${dialect} ${model} ${bytes}`;
    if (!bodies.has(key)) bodies.set(key, requestBody(dialect, model, bytes));
    return bodies.get(key);
  };

  function send(dialect, model, bytes, signal) {
    const headers = { 'content-type': 'application/json', authorization: 'Bearer none' };
    const body = bodyOf(dialect, model, bytes);
    return agent.request({ origin: gatewayUrl, path: paths[dialect], method: 'POST', headers, body, signal });
  }

  /** The end of the answer's text. */
  async function readEnd(body, pauseMs = 0) {
    let end = '';
    for await (const chunk of body) {
      end = (end + chunk).slice(-1_000_000);
      if (pauseMs > 0) await wait(pauseMs);
    }
    return end;
  }

  const acts = {
    async usual({ client, target }, shape = usual, bytes = 3000, pauseMs = 0) {
      const reply = await send(client, `${target},${shape}`, bytes, AbortSignal.timeout(timeLimitMs));
      const end = await readEnd(reply.body, pauseMs);
      if (reply.statusCode !== 200 || !end.includes(lastFrames[client])) {
        throw new Error(`${reply.statusCode}: ${end.slice(-300)}`);
      }
    },
    slow: (pair) => acts.usual(pair, large, 3000, 2),
    big: (pair) => acts.usual(pair, usual, 1_000_000),

    async 'hang-up'({ client, target }, number) {
      const hangUp = new AbortController();
      const reply = await send(client, `${target},${large}`, 3000, hangUp.signal);
      if (number % 3 > 0) await reply.body[Symbol.asyncIterator]().next();
      hangUp.abort();
    },

    /** Each fault ends: with a status, with an event of the stream, in a fallback's answer, or when the client hangs up. */
    async faulty({ client, target }, number) {
      const model = faultyModels[Math.floor(number / kinds.length) % faultyModels.length];
      const limit = model.startsWith('silent') ? AbortSignal.timeout(200) : AbortSignal.timeout(timeLimitMs);
      try {
        const reply = await send(client, `${target},${model}`, 3000, limit);
        const end = await readEnd(reply.body);
        const isEnded = reply.statusCode >= 400 || end.includes('error') || end.includes(lastFrames[client]);
        if (!isEnded) throw new Error(`${model} was not ended: ${reply.statusCode} ${end.slice(-300)}`);
      } catch (thrown) {
        if (!model.startsWith('silent') || !limit.aborted) throw thrown;
      }
    },
  };

  return {
    /** Request `number`; throws if it does not end as it should. */
    async ask(number) {
      const kind = kinds[(number * 37) % kinds.length];
      const pair = pairNames[(number + Math.floor(number / kinds.length)) % pairNames.length];
      try {
        if (kind === 'usual') await acts.usual(pairs[pair]);
        else await acts[kind](pairs[pair], number);
      } catch (thrown) {
        throw new Error(`Request ${number} (${kind}, ${pair}): ${thrown.message}`, { cause: thrown });
      }
    },
    close: () => agent.destroy(),
  };
}
