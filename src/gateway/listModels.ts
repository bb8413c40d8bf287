import * as z from 'zod';
import { GatewayError } from '../canonical/errors.ts';
import { parseJson } from '../canonical/json.ts';
import { providerKeys } from '../config/providers.ts';
import type { ProviderConfig } from '../config/schema.ts';
import type { AttemptTools } from './attempt.ts';
import { endpointUrl } from './upstreamCall.ts';
import { requestHeaders } from './headers.ts';
import { readText } from './replySource.ts';
import { providerOf } from './requestForTarget.ts';

/** Milliseconds. */
const limitMs = 10_000;
/** Bytes; twice the size of OpenRouter's list. */
const maxBytes = 4 * 1024 * 1024;

/** OpenAI's and Anthropic's lists both match. */
const listSchema = z.object({ data: z.array(z.looseObject({ id: z.string().min(1) })) });

/**
 * The ids of the models that a provider lists.
 * @throws GatewayError if it has no list or can't be reached
 */
export async function listModels(config: ProviderConfig, { upstream, clock }: AttemptTools): Promise<string[]> {
  const { quirks, protocol } = providerOf(config, '');
  const limit = new AbortController();
  const late = new GatewayError('timeout', `${config.name} sent no list of models within ${limitMs / 1000} s.`);
  const cancel = clock.after(limitMs, () => limit.abort(late));
  try {
    const reply = await upstream.send({
      method: 'GET',
      url: endpointUrl(config.api_base_url, protocol === 'anthropic-messages' ? '/v1/models' : '/models'),
      headers: requestHeaders(config, providerKeys(config)[0], [quirks.headers], quirks.keyHeader),
      body: '',
      signal: limit.signal,
    });
    const list = listSchema.safeParse(parseJson(await readText(reply.body, limit.signal, maxBytes)));
    if (reply.status === 200 && list.success) return list.data.data.map(({ id }) => id);
    throw new GatewayError('protocol', `${config.name} has no list of models at this address (HTTP ${reply.status}).`);
  } finally {
    cancel();
  }
}
