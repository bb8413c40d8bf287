import type { ServerResponse } from 'node:http';
import type { JsonObject } from './json.ts';
import { pieces } from './pieces.ts';
import type { Frame, Profile, Reply, SentTurn } from './profile.ts';
import { Refusal } from './refusal.ts';
import type { RecordedRequest, StandInOptions } from './standIn.ts';
import type { Outcome, Turn } from './turn.ts';

/** One outcome, and the response that it is played on. */
type Performance = {
  outcome: Outcome;
  record: RecordedRequest;
  outgoing: ServerResponse;
  profile: Profile;
  options: StandInOptions;
  sent: SentTurn[];
  nextSerial: () => number;
  cut: () => void;
};

export async function perform(performance: Performance): Promise<void> {
  const { outcome, record, outgoing, profile } = performance;
  switch (outcome.kind) {
    case 'hang':
      return;
    case 'refuse': {
      const refusal = new Refusal(
        outcome.message ?? `The stand-in answers ${outcome.status}`,
        outcome.status,
        outcome.code,
      );
      if (profile.refusesInStream === true && outcome.status === 400 && record.body['stream'] === true) {
        record.status = 200;
        outgoing.writeHead(200, { 'content-type': 'text/event-stream' }).end(profile.errorFrame(refusal).text);
        return;
      }
      record.status = outcome.status;
      const text = outcome.body ?? errorText(profile, refusal, record.body);
      outgoing.writeHead(outcome.status, { 'content-type': 'application/json', ...outcome.headers }).end(text);
      return;
    }
    case 'empty':
      return sendTurn(performance, { reasoning: '', text: '', calls: [] });
    case 'turn':
    case 'cut':
    case 'stall':
    case 'error-inside':
      return sendTurn(performance, outcome.turn);
    default:
      throw new Error(`No such outcome: ${String(outcome satisfies never)}`);
  }
}

function errorText(profile: Profile, refusal: Refusal, body: JsonObject): string {
  const shape = profile.errorBody(refusal, body);
  return typeof shape === 'string' ? shape : JSON.stringify(shape);
}

async function sendTurn(performance: Performance, turn: Turn): Promise<void> {
  const { record, outgoing, profile } = performance;
  const reply = makeReply(performance, turn);
  record.status = 200;
  if (record.body['stream'] !== true) return sendWhole(performance, JSON.stringify(profile.replyBody(reply)));
  outgoing.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-cache' });
  outgoing.flushHeaders();
  return sendFrames(performance, profile.frames(reply));
}

function quarter(text: string): number {
  return Math.ceil(text.length / 4);
}

function makeReply({ record, profile, options, sent, nextSerial }: Performance, turn: Turn): Reply {
  const { body } = record;
  const serial = nextSerial();
  const callIds = turn.calls.map((call, index) =>
    profile.callId({ name: call.tool.name, index, serial: nextSerial(), body }),
  );
  const id = `reply-${serial}`;
  const model = String(body['model']);
  const proof = profile.proof(turn, { id, model });
  sent.push({ turn, callIds, proof });
  const prompt = quarter(JSON.stringify(body));
  const reasoning = quarter(turn.reasoning);
  const completion = reasoning + quarter(turn.text) + turn.calls.reduce((sum, call) => sum + quarter(call.input), 0);
  return {
    turn,
    callIds,
    id,
    model,
    proof,
    usage: { prompt, cached: Math.floor(prompt / 2), reasoning, completion },
    body,
    pieces: (text) => pieces(text, options.pieceSizes ?? [3, 1, 2]),
  };
}

function sendWhole({ outcome, record, outgoing, profile, cut }: Performance, text: string): void {
  outgoing.setHeader('content-type', 'application/json');
  switch (outcome.kind) {
    case 'cut':
      outgoing.write(text.slice(0, text.length / 2), cut);
      return;
    case 'stall':
      outgoing.write(text.slice(0, text.length / 2));
      return;
    case 'error-inside':
      outgoing.end(errorText(profile, new Refusal(outcome.message, 500), record.body));
      return;
    default:
      outgoing.end(text);
  }
}

async function sendFrames({ outcome, outgoing, profile, options, cut }: Performance, frames: Frame[]): Promise<void> {
  const limit = 'afterContentEvents' in outcome ? outcome.afterContentEvents : Infinity;
  let content = 0;
  for (const [index, frame] of frames.entries()) {
    if (frame.content && content >= limit) break;
    if (frame.content) content += 1;
    await options.beforeFrame?.({ index, content: frame.content });
    if (outgoing.destroyed) return;
    await write(outgoing, frame.text, options.writeBytes);
  }
  if (outcome.kind === 'stall') return;
  if (outcome.kind === 'cut') return cut();
  if (outcome.kind === 'error-inside')
    await write(outgoing, profile.errorFrame(new Refusal(outcome.message, 500)).text);
  outgoing.end();
}

async function write(outgoing: ServerResponse, text: string, size = Infinity): Promise<void> {
  const bytes = Buffer.from(text);
  const step = Math.min(size, bytes.length);
  for (let start = 0; start < bytes.length; start += step) {
    if (outgoing.destroyed) return;
    // Waits for the flush, so that the parts are not merged on the socket.
    await new Promise<void>((resolve) => outgoing.write(bytes.subarray(start, start + step), () => resolve()));
  }
}
