import { findNamed } from '../../canonical/lists.ts';
import { visibleText } from '../../canonical/visibleText.ts';
import { isObject } from '../../canonical/json.ts';
import { verbatim, wording, type Wording } from '../../canonical/wording.ts';
import type { ConfigDocument, DocumentProvider, Span } from './document.ts';
import { spanOf } from './document.ts';
import { knownProviderOf, usd, type LanguageFacts, type ModelFactsView } from './facts.ts';
import { symbolAt, type SymbolAtOffset } from './symbols.ts';

/** Lines of Markdown about the text in `span`. */
export type Hover = { span: Span; lines: Wording[] };

/** What the text at an offset stands for. Undefined where CCR has nothing to add to the schema's descriptions. */
export function hoverAt(document: ConfigDocument, offset: number, facts: LanguageFacts): Hover | undefined {
  const symbol = symbolAt(document, offset);
  if (!symbol) return undefined;
  const lines = [...pathLines(symbol), ...subjectLines(symbol, facts), ...variableLines(symbol.text, facts)];
  return lines.length === 0 ? undefined : { span: spanOf(symbol.node), lines };
}

/** The preset and route on the way to the model. */
function pathLines({ preset, route, provider, model }: SymbolAtOffset): Wording[] {
  const steps = [
    ...(preset ? [wording('Preset {0}', plainCode(preset.name))] : []),
    ...(route ? [wording('Route {0}', plainCode(route.name))] : []),
  ];
  if (steps.length === 0) return [];
  const target = provider && model !== undefined ? [verbatim(plainCode(`${provider.name},${model}`))] : [];
  return [[...steps, ...target].reduce((before, step) => ({ text: '{0} → {1}', values: [before, step] }))];
}

function subjectLines(symbol: SymbolAtOffset, facts: LanguageFacts): Wording[] {
  const { provider, model, meaning, text } = symbol;
  if (meaning === 'transformer') return effectLines(text, facts);
  if (meaning === 'url') return [];
  if (!provider) return [];
  return model === undefined ? providerLines(provider, facts) : modelLines(provider, model, facts);
}

function effectLines(name: string, { transformers }: LanguageFacts): Wording[] {
  const effect = transformers.find((each) => each.name === name.trim().toLowerCase())?.effect;
  return effect === undefined ? [] : [effect];
}

function providerLines(provider: DocumentProvider, facts: LanguageFacts): Wording[] {
  const known = knownProviderOf(provider, facts);
  const count = provider.models.length;
  return [
    count === 1
      ? wording('Provider {0}: 1 model', plainCode(provider.name))
      : wording('Provider {0}: {1} models', plainCode(provider.name), count),
    ...(known ? [verbatim(`${known.label}: ${known.page}`)] : []),
  ];
}

function modelLines(provider: DocumentProvider, model: string, facts: LanguageFacts): Wording[] {
  const { contextWindow, maxOutputTokens, prices } = facts.modelFacts(provider, model) ?? {};
  const source = (key: string): Wording => sourceOf(provider, [['model_info', model, key]]);
  const lines = [
    ...(contextWindow === undefined
      ? []
      : [wording('Context window: {0} tokens ({1})', count(contextWindow), source('context_window'))]),
    ...(maxOutputTokens === undefined
      ? []
      : [wording('Longest answer: {0} tokens ({1})', count(maxOutputTokens), source('max_output_tokens'))]),
    ...(prices ? [pricesLine(prices, sourceOf(provider, [['model_pricing', model], ['pricing']]))] : []),
  ];
  return [
    wording('{0} of {1}', plainCode(model), plainCode(provider.name)),
    ...(lines.length === 0
      ? [wording('Window and prices are unknown. Set them in `model_info` and `model_pricing`.')]
      : lines),
    ...(provider.models.includes(model) ? [] : [wording('Not among the models of {0}.', plainCode(provider.name))]),
  ];
}

function pricesLine({ input, output, cacheRead }: NonNullable<ModelFactsView['prices']>, source: Wording): Wording {
  return cacheRead === undefined
    ? wording('Per million tokens: {0} input, {1} output ({2})', usd(input), usd(output), source)
    : wording(
        'Per million tokens: {0} input, {1} cached input, {2} output ({3})',
        usd(input),
        usd(cacheRead),
        usd(output),
        source,
      );
}

function count(tokens: number): string {
  return tokens.toLocaleString('en-US');
}

/** The first key of the entry that has the figure; else where CCR has it from. */
function sourceOf({ value }: DocumentProvider, paths: readonly string[][]): Wording {
  const found = paths.find((path) => {
    const held = path.reduce<unknown>((holder, step) => (isObject(holder) ? holder[step] : undefined), value);
    return typeof held === 'number' || (isObject(held) && Object.keys(held).length > 0);
  });
  return found ? wording('from `{0}` in this file', found[0] ?? '') : wording("from CCR's table or models.dev");
}

/** Where the variables in a text are set. */
function variableLines(text: string, facts: LanguageFacts): Wording[] {
  const written = /^\$([A-Z_][A-Z0-9_]*)$/.exec(text)?.[1];
  const names = written === undefined ? [...text.matchAll(/\$\{([^}]*)\}/g)].map((match) => match[1] ?? '') : [written];
  return names.map((name) => ({
    text: '{0}: {1}',
    values: [plainCode(`\${${name}}`), placeOf(name.trim(), facts)],
  }));
}

function placeOf(name: string, { secrets, variables }: LanguageFacts): string | Wording {
  const secret = /^secret:(.+)$/.exec(name)?.[1]?.trim();
  if (secret !== undefined) {
    return secrets.includes(secret)
      ? wording("in VS Code's secret storage")
      : wording("not in VS Code's secret storage");
  }
  return findNamed(variables(), name)?.from ?? wording('not set');
}

/** Characters of a name that a hover shows. */
const longestName = 200;

/** A name as Markdown code. Backticks would end it early. */
function plainCode(text: string): string {
  return `\`${visibleText(text, longestName).replaceAll(/[`\n]/g, "'")}\``;
}
