import { createGatewayBench, type Received } from '../../support/gatewayBench.ts';
import type { ClientKind } from '../../../src/dialects/dialect.ts';
import type { UpstreamReply } from '../../../src/gateway/upstream.ts';
import { check, type MatrixClient } from './answer.ts';
import { chatClient } from './chatClient.ts';
import { protocols, type Protocol } from './cases.ts';
import { messagesClient } from './messagesClient.ts';
import { responsesClient } from './responsesClient.ts';

export const clients: MatrixClient[] = [chatClient, responsesClient, messagesClient];

/** With the same dialect on both ends, frames are relayed unchanged, unless something has to inspect them. */
export type Path = { client: MatrixClient; protocol: Protocol; relayed: boolean };

export const paths: Path[] = clients.flatMap((client) =>
  protocols.flatMap((protocol): Path[] => {
    const rewritten = { client, protocol, relayed: false };
    return client.dialect === protocol ? [{ ...rewritten, relayed: true }, rewritten] : [rewritten];
  }),
);

export function pathName({ client, protocol, relayed }: Path): string {
  return `${client.dialect} from ${protocol}${relayed ? ', relayed' : ''}`;
}

export type ProviderConfig = { name: string; api_base_url: string; protocol: string; transformer?: object };

const configNames = { 'openai-chat': 'openai', 'openai-responses': 'responses', 'anthropic-messages': 'anthropic' };

/** Providers whose frames are relayed. Those of others may have thinking in the text, or blocks that never end. */
const makers: Partial<Record<Protocol, string>> = {
  'openai-chat': 'https://api.openai.com/v1',
  'anthropic-messages': 'https://api.anthropic.com',
};

/** An unknown provider, or for a relay the maker of the protocol, since only its frames are relayed. */
export function providerFor({ client, protocol, relayed }: Path): ProviderConfig {
  return {
    name: 'some',
    api_base_url: (relayed ? makers[protocol] : undefined) ?? 'http://provider.test/v1',
    protocol: configNames[protocol],
    // Inspects every text, which rules out the relay.
    ...(client.dialect === protocol && !relayed && { transformer: { use: ['thinktag'] } }),
  };
}

/** How the provider's reply arrives: its pieces, and whether the connection then ends or breaks. */
export type Arrival = { form: 'sse' | 'json'; pieces: readonly (string | Uint8Array)[]; broken?: boolean };

/** A gateway with one provider, which answers with the given arrival. */
export function createPath(provider: ProviderConfig, model = 'provider-model') {
  const config = {
    Providers: [{ ...provider, api_key: 'some-key', models: [model] }],
    Router: { default: `${provider.name},${model}`, tierRetries: { 'tier-0': { max_retries: 0 } } },
  };
  let next: Arrival | undefined;
  const bench = createGatewayBench(config, () => {
    check(next !== undefined, 'the provider gets one request');
    const arrival = next;
    next = undefined;
    return Promise.resolve(reply(arrival));
  });
  return {
    calls: bench.calls,
    /** Sends a request. Fails if the answer does not end, however far the clock is advanced. */
    async ask(client: MatrixClient, body: object, arrival: Arrival, kind: ClientKind = 'other'): Promise<Received> {
      next = arrival;
      const { done, received } = bench.ask({ dialect: client.dialect, body, client: kind });
      let settled = false;
      for (let turn = 0; turn < 20; turn++) {
        // The stages run in microtasks, which finish before setImmediate.
        const later = new Promise<false>((resolve) => setImmediate(() => resolve(false)));
        settled = await Promise.race([done.then(() => true), later]);
        if (settled) break;
        await bench.clock.next();
      }
      check(settled, 'an answer ends');
      check(received.ended, 'the response is ended');
      return received;
    },
  };
}

function reply({ form, pieces, broken }: Arrival): UpstreamReply {
  async function* body(): AsyncGenerator<Uint8Array> {
    for (const piece of pieces) yield typeof piece === 'string' ? Buffer.from(piece) : piece;
    if (broken) throw new Error('terminated');
  }
  const type = form === 'sse' ? 'text/event-stream' : 'application/json';
  return { status: 200, headers: { 'content-type': type }, body: body() };
}
