import type { NameRule } from '../canonical/fittingName.ts';
import { isEffort, nearestEffort } from '../reasoning/effort.ts';
import {
  developerToSystem, dropFields, dropOpenAiFields, markPrefill, softenToolChoice, thinkingIsOff, useMaxTokens, without, type BodyChange, type BodyEdit,
} from './bodyEdits.ts'; // prettier-ignore
import { countCalls } from './callIds.ts';
import { omitFiles } from './chatFiles.ts';
import { cite } from './cite.ts';
import { errorCodes } from './errorRules.ts';
import { plainMessages } from './messagesEdits.ts';
import type { ProviderQuirk, SchemaRule } from './quirk.ts';

const facts = 'providers.md, "Moonshot Kimi"';

/** Its own dialect of JSON Schema (github.com/MoonshotAI/walle, "MFJS"). */
const schemas: SchemaRule = {
  profile: { rootUnions: false, references: 'bare-definitions', mustBeTyped: true },
  source: '"not a valid moonshot flavored json schema" (kimi-cli#2531, kimi-cli#2061, codex#41233, opencode#40127)',
};

const toolNames: NameRule = { pattern: /^[a-zA-Z][a-zA-Z0-9_-]{0,63}$/, length: 64 };

/** Moonshot's API, and its open weights at others'. */
export const kimi: ProviderQuirk = {
  name: 'kimi',
  aliases: ['moonshot', 'moonshotai'],
  hosts: ['moonshot.ai', 'moonshot.cn', 'kimi.com'],
  family: /kimi|moonshot/,
  reasoning: {
    arrives: 'in `reasoning_content`; from open weights between `◁think▷` tokens',
    source: 'Kimi-VL#45; test/fixtures/providers/kimi-think-tokens.sse',
  },
  errors: [{ ...cite(facts, errorCodes({ quota: ['exceeded_current_quota_error'] })), anywhere: true }],
  wires: {
    'openai-chat': ({ model, own }) => ({
      features: { has: { toolNames }, source: '"function name is invalid, must start with a letter" (kimi-cli#2531)' },
      schemas,
      replay: { policy: 'real', source: 'cc-switch 3.20.0: no placeholders, at Moonshot’s request' },
      edits: [
        cite(
          '"unknown variant `file`, expected `text`" (DeepSeek); caution: none of its references has files',
          omitFiles,
        ),
        cite('caution: `developer` is refused by many (9router#773)', developerToSystem),
        cite('caution: all providers know the older name', useMaxTokens),
        ...(own ? ownEdits(model) : []),
        cite('others make the model stop (openclaw#70030)', countCalls),
      ],
    }),
    'anthropic-messages': () => ({
      features: { has: { toolNames }, source: 'caution: the rule of Chat Completions' },
      schemas,
      replay: { policy: 'real', source: 'cc-switch 3.20.0: no placeholders, at Moonshot’s request' },
      edits: [...plainMessages],
    }),
  },
};

function ownEdits(model: string): BodyEdit[] {
  return [
    cite('caution: only OpenAI uses it', dropOpenAiFields),
    cite(
      `"invalid temperature: only 1 is allowed for this model" (${facts})`,
      dropFields('temperature', 'top_p', 'top_k', 'frequency_penalty', 'presence_penalty'),
    ),
    cite("\"cannot specify both 'thinking' and 'reasoning_effort'\" (nanobot#3939)", mapEffort(model)),
    cite(
      facts,
      softenToolChoice('unless thinking is off', (body) => !thinkingIsOff(body)),
    ),
    cite('platform.kimi.ai, "Partial Mode"', markPrefill('partial')),
  ];
}

function mapEffort(model: string): BodyChange {
  if (/k3(?!\.\d)/.test(model)) return effortOfK3;
  return /k2\.[56]/.test(model) ? effortStops : effortIgnored;
}

const effortOfK3: BodyChange = {
  change: '`reasoning_effort` becomes the nearest of `low`, `high` and `max`; `thinking` is left out.',
  edit: (body) => {
    const effort = body['reasoning_effort'];
    const asked = isEffort(effort) ? effort : thinkingIsOff(body) ? 'none' : undefined;
    const rest = without(body, 'thinking');
    return asked === undefined ? rest : { ...rest, reasoning_effort: nearestEffort(asked, ['low', 'high', 'max']) };
  },
};

const effortStops: BodyChange = {
  change: '`reasoning_effort` is left out; `none` turns thinking off.',
  edit: (body) => {
    const rest = without(body, 'reasoning_effort');
    return body['reasoning_effort'] === 'none' ? { ...rest, thinking: { type: 'disabled' } } : rest;
  },
};

const effortIgnored: BodyChange = {
  change: '`reasoning_effort` is left out; thinking can’t be turned off.',
  edit: (body) => {
    const rest = without(body, 'reasoning_effort');
    return thinkingIsOff(rest) ? without(rest, 'thinking') : rest;
  },
};
