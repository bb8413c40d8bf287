import type { Effort } from '../canonical/request.ts';
import type { Modality } from './modelFacts.ts';
import { dearerAbove, type Prices } from './prices.ts';

/** The field of a message in which a model's reasoning arrives, at its maker's own API. */
export type ReasoningField =
  | 'reasoning_content'
  | 'reasoning_details'
  | 'reasoning'
  | 'reasoning items'
  | 'thinking blocks'
  | 'content parts'
  | 'extra_content';

/** The facts about models that match a pattern. Figures in tokens; prices of the maker's own API in USD per million tokens. */
export type ModelEntry = {
  /** The maker's quirk. */
  maker: string;
  /** The display name. */
  name: string;
  /** Matches the model's own name in lower case, without a host's prefix. */
  pattern: RegExp;
  contextWindow?: number;
  maxOutputTokens?: number;
  inputModalities?: readonly Modality[];
  efforts?: readonly Effort[];
  reasoning?: ReasoningField;
  prices?: readonly Prices[];
  /** The date of the figures: a day or a month. */
  date: string;
  /** The section of docs/reference/providers.md with the figures and their sources. */
  source: string;
  /** Caveats about the figures. */
  note?: string;
};

const text = ['text'] as const;
const images = ['text', 'image'] as const;
/** Thinking can only be turned on or off. */
const onOrOff = ['none', 'high'] as const;
const lowHighMax = ['low', 'high', 'max'] as const;
const lowToHigh = ['low', 'medium', 'high'] as const;
const lowToMax = ['low', 'medium', 'high', 'max'] as const;
const lowToXhighMax = ['low', 'medium', 'high', 'xhigh', 'max'] as const;
const noneToMax = ['none', ...lowToXhighMax] as const;
/** Requests can't control thinking. */
const notSteered = [] as const;

/** Weekdays, 01 to 04 and 06 to 10 UTC. */
const deepseekPeak = { factor: 2, utcHours: [[1, 4], [6, 10]] } as const; // prettier-ignore
const deepseekNote = 'Chinese public holidays, on which no hour is a peak hour, are not known here.';

function gpt(input: number, cacheRead: number, output: number): Prices[] {
  return [dearerAbove(272_000, { input, cacheRead, output }, { input: 2, output: 1.5 })];
}

/** Cache writes for five minutes, and for an hour. */
function claude(input: number, cacheRead: number, output: number): Prices[] {
  return [{ input, cacheRead, cacheWrite: input * 1.25, cacheWriteHour: input * 2, output }];
}

const anthropic = {
  maker: 'anthropic',
  inputModalities: images,
  reasoning: 'thinking blocks',
  source: 'Anthropic',
} as const;
const openai = { maker: 'openai', reasoning: 'reasoning items', source: 'OpenAI' } as const;
const glm = { maker: 'glm', inputModalities: text, reasoning: 'reasoning_content', source: 'Z.AI GLM' } as const;
const kimi = { maker: 'kimi', reasoning: 'reasoning_content', source: 'Moonshot Kimi' } as const;
const claudeHourNote = 'Cache writes for an hour, which cost 2 times the input, count as those for five minutes.';
const million = { contextWindow: 1_000_000, maxOutputTokens: 128_000 } as const;

/** The main models. The first matching entry applies. */
export const modelTable: readonly ModelEntry[] = [
  {
    maker: 'deepseek', name: 'deepseek-flash', pattern: /^deepseek-(v4\.1-)?flash\b/,
    contextWindow: 1_048_576, maxOutputTokens: 384_000, inputModalities: images,
    efforts: ['none', ...lowHighMax], reasoning: 'reasoning_content',
    prices: [{ input: 0.15, cacheRead: 0.003, output: 0.6, peak: deepseekPeak }],
    date: '2026-10', source: 'DeepSeek', note: deepseekNote,
  },
  {
    maker: 'deepseek', name: 'deepseek-v4-pro', pattern: /^deepseek-v4-pro\b/,
    contextWindow: 1_048_576, maxOutputTokens: 384_000, inputModalities: text,
    efforts: ['none', ...lowHighMax], reasoning: 'reasoning_content',
    prices: [{ input: 0.66, cacheRead: 0.022, output: 1.98, peak: deepseekPeak }],
    date: '2026-10', source: 'DeepSeek', note: deepseekNote,
  },
  {
    maker: 'deepseek', name: 'other deepseek-v4', pattern: /^deepseek-v4(?!.*vision)\b/,
    contextWindow: 1_048_576, inputModalities: text, efforts: ['none', ...lowHighMax], reasoning: 'reasoning_content',
    date: '2026-10', source: 'DeepSeek',
  },
  {
    ...glm, name: 'glm-5.3', pattern: /^glm-5\.3(?!v)\b/, contextWindow: 1_000_000, maxOutputTokens: 131_072,
    efforts: lowHighMax, prices: [{ input: 1.4, cacheRead: 0.26, output: 4.4 }], date: '2026-08-19',
  },
  {
    ...glm, name: 'glm-5.2', pattern: /^glm-5\.2(?!v)\b/, contextWindow: 1_000_000, maxOutputTokens: 131_072,
    efforts: onOrOff, prices: [{ input: 1.4, cacheRead: 0.26, output: 4.4 }], date: '2026-08-19',
  },
  {
    ...glm, name: 'glm-5.1', pattern: /^glm-5\.1(?!v)\b/, contextWindow: 200_000, maxOutputTokens: 131_072,
    efforts: onOrOff, prices: [{ input: 1.4, cacheRead: 0.26, output: 4.4 }], date: '2026-08-19',
  },
  {
    ...glm, name: 'glm-4.6, glm-4.7', pattern: /^glm-4\.[67](?!v|-flash|-air)\b/, contextWindow: 204_800, maxOutputTokens: 131_072,
    efforts: onOrOff, prices: [{ input: 0.6, cacheRead: 0.11, output: 2.2 }], date: '2026-07-02',
  },
  {
    maker: 'minimax', name: 'MiniMax-M3.1-Flash', pattern: /^minimax-m3\.1-flash\b/, contextWindow: 1_000_000,
    efforts: lowToMax, reasoning: 'reasoning_content', prices: [{ input: 0.15, output: 0.6 }],
    date: '2026-10-23', source: 'MiniMax',
  },
  {
    maker: 'minimax', name: 'MiniMax-M3', pattern: /^minimax-m3(?![.\d])\b/, contextWindow: 1_000_000,
    efforts: onOrOff, reasoning: 'reasoning_details', prices: [dearerAbove(512_000, { input: 0.3, cacheRead: 0.06, output: 1.2 })],
    date: '2026-07-02', source: 'MiniMax',
  },
  {
    maker: 'minimax', name: 'MiniMax-M2.7', pattern: /^minimax-m2\.7(?!-)\b/, contextWindow: 204_800, inputModalities: text,
    efforts: notSteered, reasoning: 'reasoning_details', prices: [{ input: 0.3, cacheRead: 0.06, output: 1.2 }],
    date: '2026-07-02', source: 'MiniMax',
  },
  {
    maker: 'minimax', name: 'other MiniMax-M2', pattern: /^minimax-m2\b/, inputModalities: text,
    efforts: notSteered, reasoning: 'reasoning_details', date: '2026-10', source: 'MiniMax',
  },
  {
    ...kimi, name: 'kimi-k3', pattern: /^kimi-k3(?![.\d])\b/, contextWindow: 1_048_576, efforts: lowHighMax,
    prices: [{ input: 3, cacheRead: 0.3, output: 15 }], date: '2026-10-23',
  },
  {
    ...kimi, name: 'kimi-k3.1-pro', pattern: /^kimi-k3\.1-pro\b/, efforts: notSteered,
    prices: [{ input: 2, cacheRead: 0.2, output: 10 }], date: '2026-10-23', note: 'Cache writes are billed; their price is unknown.',
  },
  { ...kimi, name: 'kimi-k2.7-code', pattern: /^kimi-k2\.7-code\b/, efforts: notSteered, date: '2026-10-23' },
  {
    ...kimi, name: 'kimi-k2.6', pattern: /^kimi-k2\.6\b/, contextWindow: 262_144, efforts: onOrOff,
    prices: [{ input: 0.95, cacheRead: 0.16, output: 4 }], date: '2026-10-23',
  },
  {
    ...kimi, name: 'kimi-k2.5', pattern: /^kimi-k2\.5\b/, contextWindow: 262_144, efforts: onOrOff,
    prices: [{ input: 0.6, cacheRead: 0.1, output: 3 }], date: '2026-10-23',
  },
  {
    ...openai, name: 'gpt-6-sol', pattern: /^gpt-6-sol\b/, efforts: noneToMax,
    prices: [{ input: 2, cacheRead: 0.2, output: 10 }], date: '2026-10',
  },
  {
    ...openai, name: 'gpt-6-luna', pattern: /^gpt-6-luna\b/, efforts: noneToMax,
    prices: [{ input: 0.1, cacheRead: 0.01, output: 0.5 }], date: '2026-10',
  },
  {
    ...openai, name: 'gpt-6-astra', pattern: /^gpt-6-astra(?!-)\b/, contextWindow: 1_050_000, maxOutputTokens: 128_000,
    inputModalities: images, efforts: noneToMax, prices: [{ input: 10, cacheRead: 1, output: 50 }], date: '2026-11',
  },
  {
    ...openai, name: 'gpt-5.6-sol', pattern: /^gpt-5\.6-sol\b/, contextWindow: 1_050_000, efforts: noneToMax,
    prices: gpt(5, 0.5, 30), date: '2026-07',
  },
  {
    ...openai, name: 'gpt-5.6-terra', pattern: /^gpt-5\.6-terra\b/, contextWindow: 1_050_000, efforts: noneToMax,
    prices: gpt(2, 0.2, 12), date: '2026-10',
  },
  {
    ...openai, name: 'gpt-5.6-luna', pattern: /^gpt-5\.6-luna\b/, contextWindow: 1_050_000, efforts: noneToMax,
    prices: gpt(0.2, 0.02, 1.2), date: '2026-10',
  },
  { ...openai, name: 'other gpt-5.6', pattern: /^gpt-5\.6\b/, contextWindow: 1_050_000, efforts: noneToMax, date: '2026-10' },
  {
    ...openai, name: 'gpt-5.2 to gpt-5.5', pattern: /^gpt-5\.[2-5](-(mini|nano))?(-\d|$)/,
    efforts: ['none', 'low', 'medium', 'high', 'xhigh'], date: '2026-10',
  },
  { ...openai, name: 'gpt-5.1', pattern: /^gpt-5\.1(-\d|$)/, efforts: ['none', ...lowToHigh], date: '2026-10' },
  { ...openai, name: 'gpt-5', pattern: /^gpt-5(-(mini|nano))?(-\d|$)/, efforts: ['minimal', ...lowToHigh], date: '2026-10' },
  { ...openai, name: 'o1, o3, o4-mini', pattern: /^o[134](-mini)?(-\d|$)/, efforts: lowToHigh, date: '2026-10' },
  { maker: 'openai', name: 'gpt-4o, gpt-4.1', pattern: /^gpt-4(o|\.1)/, efforts: notSteered, date: '2026-10', source: 'OpenAI' },
  {
    maker: 'groq', name: 'gpt-oss-120b', pattern: /^gpt-oss[-:]120b/, contextWindow: 131_072, inputModalities: text,
    efforts: lowToHigh, reasoning: 'reasoning', prices: [{ input: 0.15, cacheRead: 0.075, output: 0.6 }],
    date: '2026-07-02', source: 'Groq', note: "Groq's prices.",
  },
  {
    ...anthropic, ...million, name: 'claude-opus-5.5', pattern: /^claude-opus-5[.-]5\b/, efforts: lowToXhighMax,
    prices: claude(4, 0.2, 20), date: '2026-10', note: claudeHourNote,
  },
  {
    ...anthropic, ...million, name: 'claude-sonnet-5.5', pattern: /^claude-sonnet-5[.-]5\b/, efforts: lowToXhighMax,
    prices: claude(2, 0.1, 10), date: '2026-10', note: claudeHourNote,
  },
  {
    ...anthropic, ...million, name: 'claude-fable-5.1', pattern: /^claude-fable-5[.-]1\b/, efforts: lowToXhighMax,
    date: '2026-10', note: 'No price: sources disagree on the price of cached input.',
  },
  { ...anthropic, ...million, name: 'claude-haiku-5.5', pattern: /^claude-haiku-5[.-]5\b/, efforts: lowToHigh, date: '2026-10' },
  {
    ...anthropic, ...million, name: 'claude-opus-5, claude-sonnet-5', pattern: /^claude-(opus|sonnet)-5(?![.-]\d\b)/,
    efforts: lowToXhighMax, date: '2026-10',
  },
  {
    ...anthropic, name: 'claude-opus-4.7, claude-opus-4.8', pattern: /^claude-opus-4[.-][78]\b/, efforts: lowToXhighMax, date: '2026-10',
  },
  {
    ...anthropic, name: 'claude-opus-4.6, claude-sonnet-4.6', pattern: /^claude-(opus|sonnet)-4[.-]6\b/, efforts: lowToMax, date: '2026-10',
  },
  {
    ...anthropic, name: 'claude-haiku-4.5', pattern: /^claude-haiku-4[.-]5\b/, contextWindow: 200_000, maxOutputTokens: 64_000,
    efforts: lowToHigh, prices: claude(1, 0.1, 5), date: '2026-10', note: `${claudeHourNote} CCR turns efforts into thinking budgets.`,
  },
  {
    maker: 'qwen', name: 'qwen3.8-max', pattern: /^qwen3\.8-max\b/, contextWindow: 1_000_000, efforts: onOrOff,
    reasoning: 'reasoning_content', prices: [{ input: 2, output: 6 }], date: '2026-10', source: 'Qwen / DashScope',
  },
  {
    maker: 'qwen', name: 'qwen3.7-max', pattern: /^qwen3\.7-max\b/, efforts: onOrOff, reasoning: 'reasoning_content',
    prices: [{ input: 2.5, cacheRead: 0.5, output: 7.5 }], date: '2026-10', source: 'Qwen / DashScope',
  },
  {
    maker: 'qwen', name: 'qwen3.7-plus', pattern: /^qwen3\.7-plus\b/, efforts: onOrOff, reasoning: 'reasoning_content',
    prices: [{ input: 0.5, cacheRead: 0.05, output: 3 }], date: '2026-10', source: 'Qwen / DashScope',
  },
  {
    maker: 'gemini', name: 'gemini-3.8-flash', pattern: /^gemini-3\.8-flash(?!-lite)\b/, contextWindow: 1_048_576,
    inputModalities: images, efforts: lowToHigh, reasoning: 'extra_content',
    prices: [{ input: 0.75, cacheRead: 0.075, output: 3.75, until: '2026-12-31' }, { input: 1.5, output: 7.5 }],
    date: '2026-10', source: 'Gemini compat', note: 'The price of cached input from 2027 on is unknown.',
  },
  {
    maker: 'gemini', name: 'gemini-3.1-pro-preview', pattern: /^gemini-3\.1-pro\b/, contextWindow: 1_048_576, maxOutputTokens: 65_536,
    inputModalities: images, efforts: lowToHigh, reasoning: 'extra_content',
    prices: [dearerAbove(200_000, { input: 2, cacheRead: 0.2, output: 12 })], date: '2026-10', source: 'Gemini compat',
  },
  {
    maker: 'gemini', name: 'other gemini-3', pattern: /^gemini-3(\.\d)?\b/, contextWindow: 1_048_576, maxOutputTokens: 65_536,
    inputModalities: images, efforts: lowToHigh, reasoning: 'extra_content', date: '2026-10', source: 'Gemini compat',
  },
  {
    maker: 'mistral', name: 'mistral-medium-3.5', pattern: /^mistral-medium-3[.-]5\b/, contextWindow: 262_144, efforts: onOrOff,
    reasoning: 'content parts', prices: [{ input: 1.5, output: 7.5 }], date: '2026-07-02', source: 'Mistral',
  },
  {
    maker: 'mistral', name: 'mistral-large-2512', pattern: /^mistral-large-2512\b/,
    prices: [{ input: 0.5, output: 1.5 }], date: '2026-07-02', source: 'Mistral',
  },
  {
    maker: 'xai', name: 'grok-4.6, grok-4.7', pattern: /^grok-4\.[67]\b/, contextWindow: 500_000, efforts: lowToHigh,
    reasoning: 'reasoning items', prices: [dearerAbove(200_000, { input: 2, cacheRead: 0.5, output: 6 })],
    date: '2026-10', source: 'xAI',
  },
]; // prettier-ignore
