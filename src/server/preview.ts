import { GatewayError } from '../canonical/errors.ts';
import { previewId, type RequestView, type RoutePreview } from '../control/protocol.ts';
import { dialectById } from '../dialects/registry.ts';
import type { Exchange } from '../gateway/exchange.ts';
import type { RequestRecord } from '../gateway/record.ts';
import type { Prices } from '../providers/prices.ts';
import type { Target } from '../routing/route.ts';
import { clientKind } from './requestHeaders.ts';
import { toRequestView } from './stateView.ts';

/** The exchange of a request that is only routed, as the server would make it. It has no client to write to. */
export function previewExchange({ dialect, body, headers: given = {}, preset, scope }: RoutePreview): Exchange {
  const headers = Object.fromEntries(Object.entries(given).map(([name, value]) => [name.toLowerCase(), value]));
  const refuse = (): never => {
    throw new GatewayError('invalid-request', 'A preview has no answer.');
  };
  return {
    id: previewId,
    dialect: dialectById(dialect),
    client: clientKind(headers),
    body,
    headers,
    preset,
    scope,
    query: '',
    signal: new AbortController().signal,
    response: { isOpen: () => false, open: refuse, write: refuse, end: refuse },
  };
}

export function toPreviewView(record: RequestRecord, pricesOf: (target: Target) => Prices | undefined): RequestView {
  return { ...toRequestView(record, pricesOf), cursor: 0 };
}
