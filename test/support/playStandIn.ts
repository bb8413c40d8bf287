import type { UpstreamCall, UpstreamReply } from '../../src/gateway/upstream.ts';
import { parseObject, type JsonObject } from '../upstream/json.ts';
import { checkWellFormed } from '../upstream/limits.ts';
import type { Profile, Reply, SentTurn } from '../upstream/profile.ts';
import { Refusal } from '../upstream/refusal.ts';
import type { Script, Turn } from '../upstream/turn.ts';
import { replyWith } from './gatewayBench.ts';

/** A strict stand-in without a socket: it refuses bad requests as its provider does, and plays the script for the others. */
export function playStandIn(profile: Profile, script: Script, sent: SentTurn[] = []) {
  const refusals: string[] = [];

  function say(turn: Turn, body: JsonObject): UpstreamReply {
    const id = `reply-${sent.length}`;
    const model = String(body['model']);
    const proof = profile.proof(turn, { id, model });
    const serial = 10 * sent.length;
    const callIds = turn.calls.map((call, index) =>
      profile.callId({ name: call.tool.name, index, serial: serial + index, body }),
    );
    sent.push({ turn, callIds, proof });
    const usage = { prompt: 10, cached: 0, reasoning: 1, completion: 3 };
    const reply: Reply = { turn, callIds, id, model, proof, usage, body, pieces: (whole) => [whole] };
    if (body['stream'] !== true) return json(200, profile.replyBody(reply));
    return replyWith(
      200,
      profile
        .frames(reply)
        .map(({ text }) => text)
        .join(''),
    );
  }

  function refuse(refusal: Refusal, body: JsonObject): UpstreamReply {
    refusals.push(refusal.message);
    if (profile.refusesInStream === true && body['stream'] === true)
      return replyWith(200, profile.errorFrame(refusal).text);
    return json(refusal.status, profile.errorBody(refusal, body));
  }

  function answer({ body: text }: UpstreamCall): Promise<UpstreamReply> {
    const body = parseObject(text) ?? {};
    try {
      checkWellFormed(body);
      profile.check(body, sent);
    } catch (error) {
      if (error instanceof Refusal) return Promise.resolve(refuse(error, body));
      throw error;
    }
    const outcome = script(profile.read(body));
    if (outcome.kind === 'empty') return Promise.resolve(say({ reasoning: '', text: '', calls: [] }, body));
    if (outcome.kind !== 'turn') throw new Error(`Not played here: ${outcome.kind}`);
    return Promise.resolve(say(outcome.turn, body));
  }

  return { answer, sent, refusals };
}

function json(status: number, body: unknown): UpstreamReply {
  return { ...replyWith(status, JSON.stringify(body)), headers: { 'content-type': 'application/json' } };
}
