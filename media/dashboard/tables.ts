// Failures by reason, providers' health over time, and where the money went.
import { groupBy, failuresByReason, type Group } from '../../src/vscode/dashboard/figures.ts';
import { providerHealth, type ProviderHealth, type Span } from '../../src/vscode/dashboard/series.ts';
import { money, shortCount } from '../../src/vscode/dashboard/words.ts';
import type { RequestView } from '../../src/control/protocol.ts';
import { icon, make, replace } from './dom.ts';
import { codeWord, word } from './words.ts';

/** Rows of a table; the rest of the money is in the export. */
const mostRows = 8;

export function renderFailures(parent: Element, requests: readonly RequestView[]): void {
  const failures = failuresByReason(requests);
  const most = failures[0]?.count ?? 1;
  const rows = failures.slice(0, mostRows).map(({ reason: kind, count }) => {
    const reason = codeWord('error', kind);
    const bar = make('meter', {
      min: '0',
      max: String(most),
      value: String(count),
      'aria-label': `${reason}: ${count}`,
    });
    return make(
      'li',
      { class: 'bar-row' },
      make('span', { class: 'name' }, reason),
      bar,
      make('strong', {}, String(count)),
    );
  });
  replace(
    parent,
    make('h2', {}, word('reasons')),
    rows.length > 0 ? make('ul', { class: 'plain' }, ...rows) : make('p', { class: 'quiet' }, word('noFailures')),
  );
}

export function renderHealth(parent: Element, requests: readonly RequestView[], span: Span): void {
  const providers = providerHealth(requests, span);
  replace(
    parent,
    make('h2', {}, word('health')),
    make('p', { class: 'quiet' }, providers.length > 0 ? word('healthHint') : word('noAttempts')),
    make('ul', { class: 'plain' }, ...providers.map(healthRow)),
  );
}

function healthRow({ provider, marks, attempts, failures }: ProviderHealth): HTMLElement {
  const label = word('healthLabel', provider, failures, attempts);
  const strip = make('span', { class: 'health-strip', role: 'img', 'aria-label': label, title: label });
  for (const mark of marks) strip.append(make('span', { class: `mark mark-${mark}` }));
  const sign = failures === 0 ? 'pass' : failures === attempts ? 'error' : 'warning';
  return make('li', { class: 'health-row' }, make('span', { class: 'name' }, icon(sign), provider), strip);
}

export function renderMoney(parent: Element, requests: readonly RequestView[]): void {
  replace(
    parent,
    make('h2', {}, word('money')),
    make(
      'div',
      { class: 'columns' },
      table(
        word('byModel'),
        groupBy(requests, ({ target }) => target),
      ),
      table(
        word('byClass'),
        groupBy(requests, ({ intent }) => intent && codeWord('requestClass', intent.class)),
      ),
      table(
        word('byConversation'),
        groupBy(requests, ({ conversation, client }) => conversation && `${client} ${conversation.slice(0, 6)}`),
      ),
    ),
  );
}

function table(caption: string, groups: readonly Group[]): HTMLElement {
  const head = ['name', 'requests', 'tokens', 'cost'] as const;
  return make(
    'table',
    {},
    make('caption', {}, caption),
    make('thead', {}, make('tr', {}, ...head.map((key) => make('th', { scope: 'col' }, word(key))))),
    make(
      'tbody',
      {},
      ...groups
        .slice(0, mostRows)
        .map(({ name, requests, inputTokens, outputTokens, costUsd }) =>
          make(
            'tr',
            {},
            make('th', { scope: 'row', title: name }, name),
            make('td', {}, String(requests)),
            make('td', {}, shortCount(inputTokens + outputTokens)),
            make('td', {}, money(costUsd)),
          ),
        ),
    ),
  );
}
