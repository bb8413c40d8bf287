import { isEffort, nearestEffort } from '../reasoning/effort.ts';
import {
  developerToSystem, dropFields, dropMessageNames, dropOpenAiFields, omitAttachments,
  onlyAutoToolChoice, thinkingIsOff, useMaxTokens, without, type BodyChange, type BodyEdit,
} from './bodyEdits.ts'; // prettier-ignore
import { omitFiles } from './chatFiles.ts';
import { cite } from './cite.ts';
import { errorCodes } from './errorRules.ts';
import { noteLaterSystem } from './laterSystem.ts';
import { omitAttachmentBlocks, plainMessages } from './messagesEdits.ts';
import type { ProviderQuirk } from './quirk.ts';
import type { DetailsForm } from './replay.ts';
import { commonSchemaProfile } from './toolSchemas.ts';

const detailsFormat = 'MiniMax-response-v1';

const facts = 'providers.md, "MiniMax"';

export const minimax: ProviderQuirk = {
  name: 'minimax',
  aliases: ['minimaxi'],
  hosts: ['minimax.io', 'minimaxi.com', 'minimax.chat'],
  family: /minimax/,
  reasoning: {
    arrives: 'in `reasoning_details`, which CCR asks for; from other hosts in `<think>` tags, or in both',
    source: 'test/fixtures/providers/minimax-*.sse',
  },
  errors: [
    cite(
      facts,
      errorCodes(
        {
          auth: ['1004', '2049'],
          permission: ['2061'],
          quota: ['1008'],
          'rate-limited': ['1002', '1039', '1041', '2045', '2056'],
          timeout: ['1001'],
          'invalid-request': ['1026', '1027', '1042', '2013'],
        },
        'base_resp',
      ),
    ),
  ],
  wires: {
    'openai-chat': ({ model, own }) => ({
      features: { has: { images: readsImages(model) }, source: facts },
      schemas: { profile: commonSchemaProfile, source: '"function parameters is empty" (qwen-code#11834)' },
      replay: own
        ? { policy: 'details', form: details, source: 'a `reasoning_content` string is not supported (opencodex#3132)' }
        : { policy: 'real', source: 'elsewhere the chat template takes the string' },
      edits: [
        cite(
          '"unknown variant `file`, expected `text`" (DeepSeek); caution: none of its references has files',
          omitFiles,
        ),
        cite('caution: `developer` is refused by many (9router#773)', developerToSystem),
        cite('caution: all providers know the older name', useMaxTokens),
        cite('"chat content has invalid message role: system" (CodexPlusPlus#267)', noteLaterSystem),
        ...(readsImages(model) ? [] : [cite(facts, omitAttachments)]),
        ...(own ? ownEdits(model) : []),
      ],
    }),
    'openai-responses': ({ own }) => ({ edits: own ? [cite(facts, clampTemperature)] : [] }),
    'anthropic-messages': ({ model, own }) => ({
      replay: { policy: 'real', source: facts },
      edits: [
        ...plainMessages,
        ...(readsImages(model) ? [] : [cite(facts, omitAttachmentBlocks)]),
        ...(own ? [cite('platform.minimax.io, "Anthropic API": the range is (0.0, 1.0]', clampTemperature)] : []),
      ],
    }),
  },
};

function ownEdits(model: string): BodyEdit[] {
  return [
    cite('caution: only OpenAI uses it', dropOpenAiFields),
    cite(
      'caution: not known to be read',
      dropFields('prompt_cache_key', 'frequency_penalty', 'presence_penalty', 'top_k'),
    ),
    cite('caution: not known to be read', dropMessageNames),
    cite(facts, onlyAutoToolChoice),
    cite(facts, clampTemperature),
    cite(facts, mapEffort(model)),
    cite('opencodex#3132', splitReasoning),
  ];
}

const details: DetailsForm = {
  isOwn: ({ format }) => format === undefined || format === detailsFormat,
  fromText: (text, messageIndex) => ({
    reasoning_details: [
      { type: 'reasoning.text', id: `reasoning-text-${messageIndex}`, format: detailsFormat, index: 0, text },
    ],
  }),
};

/** M1 and M2 read text only. Of later ones too little is known to leave an image out. */
function readsImages(model: string): boolean {
  return !/m[12]\b|text/.test(model);
}

const splitReasoning: BodyChange = {
  change: '`reasoning_split: true` asks for reasoning in a field of its own.',
  edit: (body) => ({ ...body, reasoning_split: true }),
};

const clampTemperature: BodyChange = {
  change: '`temperature` is clamped to 0.01 to 1.',
  edit: (body) => {
    const { temperature } = body;
    if (typeof temperature !== 'number' || (temperature > 0 && temperature <= 1)) return body;
    return { ...body, temperature: temperature > 1 ? 1 : 0.01 };
  },
};

function mapEffort(model: string): BodyChange {
  if (/m3\.\d/.test(model)) return effortOfM31;
  return /m3\b(?!\.)/.test(model) ? effortStops : effortIgnored;
}

const effortOfM31: BodyChange = {
  change: '`reasoning_effort` becomes the nearest of `low`, `medium`, `high` and `max`; thinking can’t be turned off.',
  edit: (body) => {
    const effort = body['reasoning_effort'];
    const rest = thinkingIsOff(body) ? without(body, 'thinking') : body;
    if (!isEffort(effort)) return rest;
    return { ...rest, reasoning_effort: nearestEffort(effort, ['low', 'medium', 'high', 'max']) };
  },
};

const effortStops: BodyChange = {
  change: '`reasoning_effort` is left out; `none` turns thinking off.',
  edit: (body) => {
    const effort = body['reasoning_effort'];
    if (!isEffort(effort)) return body;
    const rest = without(body, 'reasoning_effort');
    return effort === 'none' ? { ...rest, thinking: { type: 'disabled' } } : rest;
  },
};

const effortIgnored: BodyChange = {
  change: '`reasoning_effort` is left out; thinking can’t be turned off.',
  edit: (body) => {
    const rest = thinkingIsOff(body) ? without(body, 'thinking') : body;
    return isEffort(body['reasoning_effort']) ? without(rest, 'reasoning_effort') : rest;
  },
};
