import type { Summary } from '../../src/vscode/dashboard/figures.ts';
import { duration, money, percent, shortCount } from '../../src/vscode/dashboard/words.ts';
import { make, replace } from './dom.ts';
import { word } from './words.ts';

export type Open = { streams: number; active: number };

/** The figures of the time shown, as a list of terms and values. */
export function renderTiles(parent: Element, summary: Summary, { streams, active }: Open): void {
  const { requests, failures, inputTokens, outputTokens, costUsd, unpriced, savedUsd, cacheHitRate } = summary;
  const { firstContentMs, durationMs } = summary;
  replace(
    parent,
    tile('requests', shortCount(requests)),
    tile('failures', shortCount(failures), requests > 0 ? percent(failures / requests) : '', failures > 0 ? 'bad' : ''),
    tile(
      'tokens',
      shortCount(inputTokens + outputTokens),
      word('inputOutput', shortCount(inputTokens), shortCount(outputTokens)),
    ),
    tile('cost', money(costUsd), unpriced > 0 ? word('unpriced', unpriced) : ''),
    tile('saved', money(savedUsd), word('savedHint')),
    tile('cacheHits', cacheHitRate === undefined ? '–' : percent(cacheHitRate), word('ofInput')),
    tile('firstToken', time(firstContentMs.p50), word('median', time(firstContentMs.p95))),
    tile('duration', time(durationMs.p50), word('median', time(durationMs.p95))),
    tile('streams', String(streams), word('open', active)),
  );
}

function tile(key: Parameters<typeof word>[0], value: string, hint = '', tone = ''): HTMLElement {
  return make(
    'div',
    { class: `card tile ${tone}`.trim(), 'data-tile': key },
    make('dt', {}, word(key)),
    make('dd', {}, make('strong', {}, value), hint !== '' && make('small', {}, hint)),
  );
}

function time(ms: number | undefined): string {
  return ms === undefined ? '–' : duration(ms);
}
