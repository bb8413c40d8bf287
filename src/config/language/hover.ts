import { visibleText } from '../../canonical/visibleText.ts';
import { isObject } from '../../canonical/json.ts';
import type { ConfigDocument, DocumentProvider, Span } from './document.ts';
import { spanOf } from './document.ts';
import { knownProviderOf, usd, type LanguageFacts } from './facts.ts';
import { symbolAt, type SymbolAtOffset } from './symbols.ts';

/** Lines of Markdown about the text in `span`. */
export type Hover = { span: Span; lines: string[] };

/** What the text at an offset stands for. Undefined where CCR has nothing to add to the schema's descriptions. */
export function hoverAt(document: ConfigDocument, offset: number, facts: LanguageFacts): Hover | undefined {
  const symbol = symbolAt(document, offset);
  if (!symbol) return undefined;
  const lines = [...pathLines(symbol), ...subjectLines(symbol, facts), ...variableLines(symbol.text, facts)];
  return lines.length === 0 ? undefined : { span: spanOf(symbol.node), lines };
}

/** The preset and route on the way to the model. */
function pathLines({ preset, route, provider, model }: SymbolAtOffset): string[] {
  const target = provider && model !== undefined ? ` → ${plainCode(`${provider.name},${model}`)}` : '';
  if (preset) return [`Preset ${plainCode(preset.name)}${route ? ` → route ${plainCode(route.name)}` : ''}${target}`];
  return route ? [`Route ${plainCode(route.name)}${target}`] : [];
}

function subjectLines(symbol: SymbolAtOffset, facts: LanguageFacts): string[] {
  const { provider, model, meaning, text } = symbol;
  if (meaning === 'transformer') return effectLines(text, facts);
  if (meaning === 'url') return [];
  if (!provider) return [];
  return model === undefined ? providerLines(provider, facts) : modelLines(provider, model, facts);
}

function effectLines(name: string, { transformers }: LanguageFacts): string[] {
  const effect = transformers.find((each) => each.name === name.trim().toLowerCase())?.effect;
  return effect === undefined ? [] : [effect];
}

function providerLines(provider: DocumentProvider, facts: LanguageFacts): string[] {
  const known = knownProviderOf(provider, facts);
  const count = provider.models.length;
  return [
    `Provider ${plainCode(provider.name)}: ${count} ${count === 1 ? 'model' : 'models'}`,
    ...(known ? [`${known.label}: ${known.page}`] : []),
  ];
}

function modelLines(provider: DocumentProvider, model: string, facts: LanguageFacts): string[] {
  const { contextWindow, maxOutputTokens, prices } = facts.modelFacts(provider, model) ?? {};
  const figure = (label: string, tokens: number | undefined, key: string): string[] =>
    tokens === undefined
      ? []
      : [`${label}: ${tokens.toLocaleString('en-US')} tokens (${sourceOf(provider, [['model_info', model, key]])})`];
  const priceSources = [['model_pricing', model], ['pricing']];
  const cached = prices?.cacheRead === undefined ? '' : `, ${usd(prices.cacheRead)} cached input`;
  const lines = [
    ...figure('Context window', contextWindow, 'context_window'),
    ...figure('Longest answer', maxOutputTokens, 'max_output_tokens'),
    ...(prices
      ? [
          `Per million tokens: ${usd(prices.input)} input${cached}, ${usd(prices.output)} output (${sourceOf(provider, priceSources)})`,
        ]
      : []),
  ];
  return [
    `${plainCode(model)} of ${plainCode(provider.name)}`,
    ...(lines.length === 0 ? ['Window and prices are unknown. Set them in `model_info` and `model_pricing`.'] : lines),
    ...(provider.models.includes(model) ? [] : [`Not among the models of ${plainCode(provider.name)}.`]),
  ];
}

/** The first key of the entry that has the figure; else where CCR has it from. */
function sourceOf({ value }: DocumentProvider, paths: readonly string[][]): string {
  const found = paths.find((path) => {
    const held = path.reduce<unknown>((holder, step) => (isObject(holder) ? holder[step] : undefined), value);
    return typeof held === 'number' || (isObject(held) && Object.keys(held).length > 0);
  });
  return found ? `from \`${found[0]}\` in this file` : "from CCR's table or models.dev";
}

/** Where the variables in a text are set. */
function variableLines(text: string, facts: LanguageFacts): string[] {
  const written = /^\$([A-Z_][A-Z0-9_]*)$/.exec(text)?.[1];
  const names = written === undefined ? [...text.matchAll(/\$\{([^}]*)\}/g)].map((match) => match[1] ?? '') : [written];
  return names.map((name) => `${plainCode(`\${${name}}`)}: ${placeOf(name.trim(), facts)}`);
}

function placeOf(name: string, { secrets, variables }: LanguageFacts): string {
  const secret = /^secret:(.+)$/.exec(name)?.[1]?.trim();
  if (secret !== undefined) {
    return secrets.includes(secret) ? "in VS Code's secret storage" : "not in VS Code's secret storage";
  }
  return variables().find((each) => each.name === name)?.from ?? 'not set';
}

/** Characters of a name that a hover shows. */
const longestName = 200;

/** A name as Markdown code. Backticks would end it early. */
function plainCode(text: string): string {
  return `\`${visibleText(text, longestName).replaceAll(/[`\n]/g, "'")}\``;
}
