import { createBoundedMap } from '../../canonical/boundedMap.ts';
import { GatewayError } from '../../canonical/errors.ts';
import type { Upstream, UpstreamCall, UpstreamReply } from '../../gateway/upstream.ts';
import type { WindowModels } from '../../control/windowModels.ts';
import { asksWindows } from '../../providers/vscodeModels.ts';

export type WindowModelOffers = {
  /** `null` takes an offer back. */
  set(window: string, offer: WindowModels | null): void;
  /** The same connections, with requests for the models of windows sent to one of them. */
  over(upstream: Upstream): Upstream;
};

/** Windows that are gone are noticed late; a person has no more at once. */
const maxOffers = 50;

/** The windows that answer requests with VS Code's own models. The window that came last is asked first. */
export function createWindowModelOffers(): WindowModelOffers {
  const offers = createBoundedMap<string, WindowModels>(maxOffers);

  function set(window: string, offer: WindowModels | null): void {
    if (offer) offers.set(window, offer);
    else offers.delete(window);
  }

  async function send(upstream: Upstream, call: UpstreamCall): Promise<UpstreamReply> {
    const { pathname, search } = new URL(call.url);
    for (const window of [...offers.keys()].toReversed()) {
      const offer = offers.get(window);
      if (!offer) continue;
      const headers = { ...call.headers, authorization: `Bearer ${offer.key}` };
      try {
        return await upstream.send({ ...call, url: `${offer.url}${pathname}${search}`, headers });
      } catch (thrown) {
        if (call.signal.aborted || !(thrown instanceof GatewayError) || thrown.kind !== 'connection') throw thrown;
        offers.delete(window);
      }
    }
    throw new GatewayError('connection', 'No open window of VS Code offers its models. Open one with CCR in it.');
  }

  return {
    set,
    over: (upstream) => ({
      ...upstream,
      send: (call) => (asksWindows(call.url) ? send(upstream, call) : upstream.send(call)),
    }),
  };
}
