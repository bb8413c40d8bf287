import { messageOf } from '../../canonical/errors.ts';
import type { ControlClient } from '../../control/client.ts';
import type { RequestView } from '../../control/protocol.ts';
import { pagePaths, readSnapshot, type PageName, type Snapshot } from './snapshot.ts';

export type Source = {
  url: string;
  /** @throws Error with a sentence for the user */
  read(): Promise<Snapshot>;
};

/** For what a gateway answers from memory. Milliseconds. */
const pageTimeoutMs = 3000;

/** Requests that are shown. */
const maxRecent = 100;

/** Reads the endpoints of a gateway and, with `client`, what its control API adds. */
export function createSource(url: string, token: string | undefined, client?: ControlClient): Source {
  let recent: RequestView[] = [];
  let cursor = 0;

  async function page(path: string): Promise<unknown> {
    const response = await fetch(url + path, {
      headers: token === undefined ? {} : { authorization: `Bearer ${token}` },
      signal: AbortSignal.timeout(pageTimeoutMs),
    });
    if (response.status === 401) throw new Error(`${url} requires a token: set CCR_TOKEN to it.`);
    if (!response.ok) throw new Error(`${url}${path} answers with ${response.status}.`);
    return response.json();
  }

  /** The client's own cursor goes on, so that each request is read once. */
  async function addRecent(of: ControlClient): Promise<RequestView[]> {
    const fresh = await of.requests({ after: cursor });
    cursor = fresh.at(-1)?.cursor ?? cursor;
    recent = [...fresh.toReversed(), ...recent].slice(0, maxRecent);
    return recent;
  }

  return {
    url,
    async read() {
      const [usage, ...others] = Object.entries(pagePaths).map(async ([name, path]): Promise<[string, unknown]> => [
        name,
        await page(path),
      ]);
      // Without the others there is still something to show; without the first there is not.
      const optional = others.map((each) => each.catch((): [string, unknown] => ['', undefined]));
      const control = client && Promise.all([client.state(), addRecent(client)]).catch(() => undefined);
      const [first, rest, more] = await Promise.all([usage, Promise.all(optional), control]).catch(
        (thrown: unknown) => {
          throw new Error(explain(thrown, url), { cause: thrown });
        },
      );
      const pages = Object.fromEntries(first ? [first, ...rest] : rest) as Record<PageName, unknown>;
      return readSnapshot(pages, more && { state: more[0], recent: more[1] });
    },
  };
}

function explain(thrown: unknown, url: string): string {
  if (thrown instanceof TypeError || (thrown instanceof DOMException && thrown.name === 'TimeoutError'))
    return `No answer from ${url}.`;
  return messageOf(thrown);
}
