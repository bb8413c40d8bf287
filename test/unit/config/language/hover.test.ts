import { describe, expect, it } from 'vitest';
import { spokenIn } from '../../../support/spokenIn.ts';
import { readDocument } from '../../../../src/config/language/document.ts';
import { hoverAt } from '../../../../src/config/language/hover.ts';
import { config, facts, withCursor } from './bench.ts';

function hover(marked: string): string[] | undefined {
  const { text, offset } = withCursor(marked);
  return spokenIn(hoverAt(readDocument(text), offset, facts)?.lines);
}

describe('hover', () => {
  it('tells the window and the prices of a target, and where they are from', () => {
    expect(hover(config('"default": "alpha,b|ig-1"'))).toEqual([
      '`big-1` of `alpha`',
      "Context window: 200,000 tokens (from CCR's table or models.dev)",
      "Longest answer: 32,000 tokens (from CCR's table or models.dev)",
      "Per million tokens: $3 input, $0.3 cached input, $15 output (from CCR's table or models.dev)",
    ]);
  });

  it.each([
    ['"model_info": { "big-1": { "context_window": 1 } }', 'Context window', 'from `model_info` in this file'],
    ['"model_pricing": { "big-1": { "input_per_million_tokens": 1 } }', 'Per million', 'from `model_pricing`'],
    ['"pricing": { "input_per_million_tokens": 1 }', 'Per million', 'from `pricing` in this file'],
  ])('names the key that sets a figure: %s', (fields, line, source) => {
    const provider = `{ "name": "a", "api_base_url": "https://a.test", "models": ["big-1"], ${fields} }`;
    const lines = hover(`{ "Providers": [${provider}], "Router": { "default": "a,|big-1" } }`) ?? [];
    const ofFile = lines.filter((each) => each.includes('in this file'));
    expect(ofFile).toEqual([expect.stringContaining(line)]);
    expect(ofFile[0]).toContain(source);
  });

  it('follows presets and routes to their model', () => {
    const router = '"default": "alpha,big-1", "think": "beta,big-2", "rules": [{ "when": {}, "preset": "care|ful" }]';
    expect(hover(config(router))?.slice(0, 2)).toEqual([
      'Preset `careful` → Route `think` → `beta,big-2`',
      '`big-2` of `beta`',
    ]);
    expect(hover(config('"default": "alpha,big-1", "tiers": ["def|ault"]'))?.[0]).toBe(
      'Route `default` → `alpha,big-1`',
    );
  });

  it('says that a model is not listed, and that nothing is known of it', () => {
    expect(hover(config('"default": "alpha,oth|er"'))).toEqual([
      '`other` of `alpha`',
      'Window and prices are unknown. Set them in `model_info` and `model_pricing`.',
      'Not among the models of `alpha`.',
    ]);
    expect(hover(config('"default": "nobody,oth|er"'))).toBeUndefined();
  });

  it('describes providers, transformers and models where they are written', () => {
    expect(hover('{ "Providers": [{ "name": "al|pha", "models": ["big-1"] }] }')).toEqual([
      'Provider `alpha`: 1 model',
      'Alpha: https://alpha.test/keys',
    ]);
    expect(hover('{ "Providers": [{ "name": "x", "models": ["b|ig-1"] }] }')?.[0]).toBe('`big-1` of `x`');
    expect(hover('{ "Providers": [{ "name": "x", "model_info": { "b|ig-1": {} } }] }')?.[0]).toBe('`big-1` of `x`');
    expect(hover('{ "Providers": [{ "name": "x", "transformer": { "use": ["Max|Token"] } }] }')).toEqual([
      'Lowers the limit.',
    ]);
  });

  it('says where a variable is set, never its value, and nothing of a key', () => {
    const key = (value: string): string => `{ "Providers": [{ "name": "x", "api_key": "${value}" }] }`;
    expect(hover(key('$|{ALPHA_KEY}'))).toEqual(['`${ALPHA_KEY}`: set in the environment']);
    expect(hover(key('$|BETA_KEY'))).toEqual(['`${BETA_KEY}`: set in ~/.claude-code-router/.env']);
    expect(hover(key('|${secret:alpha}${secret:b} ${NO}'))).toEqual([
      "`${secret:alpha}`: in VS Code's secret storage",
      "`${secret:b}`: not in VS Code's secret storage",
      '`${NO}`: not set',
    ]);
    expect(hover(key('sk-|12345678'))).toBeUndefined();
  });

  it('shows names as they are, without markup', () => {
    const name = 'a` [x](command:y) `';
    const lines = hover(`{ "Providers": [{ "name": "${name}|", "models": [] }] }`);
    expect(lines).toEqual(["Provider `a' [x](command:y) '`: 0 models"]);
  });
});
