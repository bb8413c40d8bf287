import type { ProviderFailure } from '../canonical/providerError.ts';
import { isObject } from '../canonical/json.ts';
import { isEffort, nearestEffort } from '../reasoning/effort.ts';
import {
  capMaxTokens, developerToSystem, dropFields, dropMessageNames, dropOpenAiFields, dropStrict, objectsIn,
  omitAttachments, onlyAutoToolChoice, schemaToInstruction, softenToolChoice, thinkingIsOff, useMaxTokens, without,
  type BodyChange, type BodyEdit,
} from './bodyEdits.ts'; // prettier-ignore
import { omitFiles } from './chatFiles.ts';
import { cite } from './cite.ts';
import { errorCodes } from './errorRules.ts';
import { isLocal } from './hosts.ts';
import { plainMessages } from './messagesEdits.ts';
import type { ProviderQuirk } from './quirk.ts';
import { clampTemperature } from './samplingEdits.ts';

/** Tokens. */
const mostOutputTokens = 131_072;

const unknownParameter = 'agentscope’s page on GLM (providers.md, "Z.AI GLM")';

/** Z.AI's and Zhipu's API. */
export const glm: ProviderQuirk = {
  name: 'glm',
  aliases: ['zai', 'zhipu', 'zhipuai', 'bigmodel'],
  hosts: ['z.ai', 'bigmodel.cn'],
  family: /\bglm-/,
  reasoning: {
    arrives: 'in `reasoning_content`, or from some hosts in `<think>` tags',
    source: 'test/fixtures/providers/glm-think-tags.sse',
  },
  errors: [
    cite(
      'providers.md, "Z.AI GLM"',
      errorCodes({
        auth: ['1001', '1002', '1003', '1004'],
        permission: ['1110', '1111', '1112', '1220', '1311', '1313', '1314', '1315'],
        quota: ['1113', '1309'],
        'not-found': ['1211', '1221', '1222'],
        unsupported: ['1212'],
        'context-length': ['1261'],
        'rate-limited': ['1302', '1303', '1304', '1308', '1310', '1316', '1317', '1318', '1319', '1320', '1321'],
        overloaded: ['1305', '1312'],
        upstream: ['1230', '1234'],
      }),
    ),
    cite('model-hotel#955, dirge#818', {
      change: 'A used-up plan is on cooldown until the date in its error, which is Beijing time.',
      readDelay: readResetDelay,
    }),
  ],
  wires: {
    'openai-chat': ({ model, own, hostname }) => ({
      features: { has: { images: readsImages(model) }, source: 'docs.z.ai: vision models are of their own' },
      replay: { policy: 'real', source: 'docs.z.ai, "Thinking mode"' },
      ...(isLocal(hostname)
        ? {
            think: {
              tags: 'closer-alone',
              source: 'lmstudio-bug-tracker#1495, mlx-lm#877; test/fixtures/providers/glm-stray-closing-tag.sse',
            },
          }
        : {}),
      edits: [
        cite(
          '"unknown variant `file`, expected `text`" (DeepSeek); caution: none of its references has files',
          omitFiles,
        ),
        cite(unknownParameter, developerToSystem),
        cite(unknownParameter, useMaxTokens),
        cite('aihubmix (providers.md, "Z.AI GLM")', capMaxTokens(mostOutputTokens)),
        cite(unknownParameter, dropStrict),
        ...(readsImages(model) ? [] : [cite('docs.z.ai: vision models are of their own', omitAttachments)]),
        ...(own ? ownEdits(model) : [cite(unknownParameter, softenToolChoice())]),
      ],
    }),
    'anthropic-messages': () => ({
      replay: { policy: 'real', source: 'docs.z.ai, "Thinking mode"' },
      edits: [...plainMessages],
    }),
  },
};

function ownEdits(model: string): BodyEdit[] {
  return [
    cite(unknownParameter, dropOpenAiFields),
    cite(
      unknownParameter,
      dropFields('prompt_cache_key', 'stream_options', 'frequency_penalty', 'presence_penalty', 'top_k'),
    ),
    cite('docs.z.ai, "Chat completion": the range is [0.0, 1.0]', clampTemperature(1)),
    cite(unknownParameter, dropMessageNames),
    cite(unknownParameter, onlyAutoToolChoice),
    cite('docs.z.ai, "Chat completion": `text` or `json_object`', schemaToInstruction),
    mapEffort(model),
    cite('docs.z.ai, "Thinking mode": on by default at the coding endpoint alone', keepThinking),
    cite('else they come in one piece at the end (opencrabs#1347)', streamTools),
  ];
}

/** Vision models have a v after their version: glm-4.6v. */
function readsImages(model: string): boolean {
  return /glm-\d+(\.\d+)?v/.test(model);
}

function mapEffort(model: string): BodyEdit {
  return /glm-(5\.[3-9]|[6-9]|\d\d)/.test(model)
    ? cite('from 5.3 on "disabled" is a 400, and there are efforts (csglite#194)', effortAlways)
    : cite('docs.z.ai, "Thinking mode"', effortToThinking);
}

const effortAlways: BodyChange = {
  change: '`reasoning_effort` becomes the nearest of `low`, `high` and `max`; thinking can’t be turned off.',
  edit: (body) => {
    const effort = body['reasoning_effort'];
    const rest = thinkingIsOff(body) ? without(body, 'thinking') : body;
    return isEffort(effort) ? { ...rest, reasoning_effort: nearestEffort(effort, ['low', 'high', 'max']) } : rest;
  },
};

const effortToThinking: BodyChange = {
  change: '`reasoning_effort` turns thinking on, or off with `none`.',
  edit: (body) => {
    const effort = body['reasoning_effort'];
    if (!isEffort(effort)) return body;
    const given = isObject(body['thinking']) ? body['thinking'] : {};
    return {
      ...without(body, 'reasoning_effort'),
      thinking: { type: effort === 'none' ? 'disabled' : 'enabled', ...given },
    };
  },
};

/** Without reasoning in the history there is nothing to keep. */
const keepThinking: BodyChange = {
  change: 'When reasoning goes back, `thinking.clear_thinking` is `false`, so that it counts.',
  edit: (body) => {
    const replayed = objectsIn(body['messages']).some(
      ({ role, reasoning_content: text, reasoning: other }) => role === 'assistant' && Boolean(text || other),
    );
    if (!replayed || thinkingIsOff(body)) return body;
    const given = isObject(body['thinking']) ? body['thinking'] : {};
    return { ...body, thinking: { type: 'enabled', clear_thinking: false, ...given } };
  },
};

const streamTools: BodyChange = {
  change: 'A stream with tools gets `tool_stream: true`, so that arguments come as they are written.',
  edit: (body) => {
    const streamed = body['stream'] === true && objectsIn(body['tools']).length > 0;
    return streamed ? { tool_stream: true, ...body } : body;
  },
};

/** The longest plan is a weekly one. Milliseconds. */
const longestPlanMs = 8 * 24 * 3_600_000;

/**
 * Milliseconds until a used-up plan resets: "Your limit will reset at 2026-09-09 05:38:28", "您的限额将在 2026-08-25 07:41:44
 * 重置", in Beijing time. Undefined without a date, or for one that is past or too far ahead to be true.
 */
export function readResetDelay(
  { code, message }: Pick<ProviderFailure, 'code' | 'message'>,
  nowMs: number,
): number | undefined {
  // The code may stand before the words alone: "[1308][Usage limit reached …]".
  const named = code ?? /^\[(\d+)\]/.exec(message)?.[1] ?? '';
  if (!/^13\d\d$/.test(named)) return undefined;
  const [, day, time] = /(?:reset at|将在)\s*(\d{4}-\d{2}-\d{2})[ T](\d{2}:\d{2}:\d{2})/.exec(message) ?? [];
  const leftMs = Date.parse(`${day}T${time}+08:00`) - nowMs;
  return leftMs > 0 && leftMs <= longestPlanMs ? leftMs : undefined;
}
