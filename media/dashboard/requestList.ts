// The latest requests as a list box: arrow keys move, and what is chosen shows its route.
import type { RequestView } from '../../src/control/protocol.ts';
import { isFailed } from '../../src/vscode/dashboard/figures.ts';
import { duration, money, shortCount } from '../../src/vscode/dashboard/words.ts';
import { icon, make } from './dom.ts';
import { codeWord, word } from './words.ts';

export type RequestList = {
  element: HTMLElement;
  render(requests: readonly RequestView[], filter: string, selected: string | undefined): void;
};

/** Rows of the list. Older requests are in the export. */
const mostRows = 100;

export function createRequestList(onSelect: (id: string) => void): RequestList {
  const count = make('p', { class: 'quiet', role: 'status' });
  const list = make('ul', { class: 'requests', role: 'listbox', tabindex: '0' });
  const element = make('div', {}, count, list);
  let rows = new Map<string, HTMLElement>();
  let order: string[] = [];
  let current: string | undefined;

  list.addEventListener('click', ({ target }) => {
    const id = target instanceof Element ? target.closest<HTMLElement>('[data-id]')?.dataset['id'] : undefined;
    if (id !== undefined) onSelect(id);
  });
  list.addEventListener('keydown', (event) => {
    const place = current === undefined ? -1 : order.indexOf(current);
    const steps: Record<string, number> = { ArrowDown: place + 1, ArrowUp: place - 1, Home: 0, End: order.length - 1 };
    const wanted = Object.hasOwn(steps, event.key) ? steps[event.key] : undefined;
    if (wanted === undefined || order.length === 0) return;
    event.preventDefault();
    const id = order[Math.min(order.length - 1, Math.max(0, wanted))];
    if (id === undefined) return;
    onSelect(id);
    rows.get(id)?.scrollIntoView({ block: 'nearest' });
  });

  return {
    element,
    render(requests, filter, selected) {
      const found = requests.filter((request) => matches(request, filter.trim().toLowerCase()));
      const shown = found.slice(-mostRows).toReversed();
      count.textContent = requests.length === 0 ? word('noRequests') : word('shown', found.length, requests.length);
      list.setAttribute('aria-label', word('latest'));
      const next = new Map(shown.map((request) => [request.id, rows.get(request.id) ?? rowOf(request)]));
      if (shown.some(({ id }, index) => order[index] !== id) || order.length !== shown.length)
        list.replaceChildren(...next.values());
      rows = next;
      order = shown.map(({ id }) => id);
      current = selected;
      for (const [id, row] of rows) row.setAttribute('aria-selected', String(id === selected));
      if (selected !== undefined && rows.has(selected))
        list.setAttribute('aria-activedescendant', `request-${selected}`);
      else list.removeAttribute('aria-activedescendant');
    },
  };
}

export function matches({ model, target, reason, error, errorKind, client }: RequestView, filter: string): boolean {
  const codes = [reason && codeWord('reason', reason), errorKind && codeWord('error', errorKind)];
  return [model, target, reason, error, errorKind, client, ...codes].some((text) =>
    (text ?? '').toLowerCase().includes(filter),
  );
}

/** What went wrong, else the rule that named the target. */
function whyOf(request: RequestView): string {
  const { reason, errorKind } = request;
  if (isFailed(request)) return `${word('failed')}: ${codeWord('error', errorKind ?? 'unknown')}`;
  return reason === undefined ? '' : codeWord('reason', reason);
}

function rowOf(request: RequestView): HTMLElement {
  const { id, startedAt, target, model, inputTokens, outputTokens, costUsd, durationMs, attempts } = request;
  const failed = isFailed(request);
  const sign = failed ? 'error' : attempts.some(({ error }) => error !== undefined) ? 'warning' : 'pass';
  const tokens =
    inputTokens === undefined ? '' : word('inputOutput', shortCount(inputTokens), shortCount(outputTokens ?? 0));
  return make(
    'li',
    { id: `request-${id}`, role: 'option', 'data-id': id, class: failed ? 'failed' : '', 'aria-selected': 'false' },
    icon(sign),
    make('span', {}, new Date(startedAt).toLocaleTimeString()),
    make('span', { class: 'name' }, target ?? model ?? word('noModel')),
    make('span', {}, whyOf(request)),
    make('span', {}, tokens),
    make('span', {}, costUsd === undefined ? '' : money(costUsd)),
    make('span', {}, duration(durationMs)),
  );
}
