import { isObject } from '../canonical/json.ts';
import type { JsonObject } from '../canonical/request.ts';
import { budgetOf, effortOfBudget, isEffort } from '../reasoning/effort.ts';
import { objectsIn, thinkingIsOff, without, type BodyEdit } from './bodyEdits.ts';
import { cite } from './cite.ts';
import { endTurns, oneSampling, versionOf } from './claudeTurns.ts';

/** What a model does about thinking. `version` is 4.7 for claude-opus-4-7. */
type Rules = {
  /** From 4.7 on only `adaptive` is accepted; 4.6 accepts both; older models only accept a budget. */
  adaptive: boolean;
  effort: boolean;
  canStop: boolean;
  /** Whether non-default sampling is refused. */
  fixedSampling: boolean;
};

/**
 * "Use `thinking.type.adaptive` and `output_config.effort`" from 4.7 on; Sonnet 5 and later refuse sampling, Opus 5.5 and Fable 5.1 can't stop thinking (providers.md, "Anthropic").
 * Undefined if the name contains no version.
 */
function rulesOf(model: string): Rules | undefined {
  const version = versionOf(model);
  if (version === undefined) return undefined;
  return {
    adaptive: version >= 4.6,
    effort: version >= 4.6 || (version === 4.5 && model.includes('opus')),
    canStop: !(/opus/.test(model) && version >= 5.5) && !(/fable|mythos/.test(model) && version >= 5.1),
    fixedSampling: version >= 5,
  };
}

/** Converts thinking, effort, sampling and tool choice to the form that the model accepts. */
export function fitThinking(model: string): BodyEdit[] {
  const rules = rulesOf(model);
  if (!rules) return [];
  return [
    cite(
      rules.adaptive
        ? '"`thinking.type.enabled` is not supported for this model" (providers.md, "Anthropic")'
        : '"Expected `thinking` or `redacted_thinking`, but found `tool_use`" (providers.md, "Anthropic")',
      {
        change: rules.adaptive
          ? 'A thinking budget becomes adaptive thinking with an effort.'
          : 'Adaptive thinking becomes a budget; a tool loop that another model began continues without thinking.',
        edit: (body) => fitMode(body, rules),
      },
    ),
    cite('providers.md, "Anthropic"', {
      change: rules.canStop
        ? 'If the client forces a tool, thinking is turned off.'
        : 'The model always thinks: `disabled` becomes the lowest effort, and a forced tool becomes `auto`.',
      edit: (body) => fitToolChoice(body, rules),
    }),
    cite(
      rules.fixedSampling
        ? 'providers.md, "Anthropic"'
        : '"`temperature` may only be set to 1 when thinking is enabled"',
      {
        change: `\`temperature\`, \`top_p\` and \`top_k\` are left out${rules.fixedSampling ? '' : ' while it thinks'}.`,
        edit: (body) => fitSampling(body, rules),
      },
    ),
    ...oneSampling(model),
    ...endTurns(model),
  ];
}

function fitMode(given: JsonObject, rules: Rules): JsonObject {
  const body = withLeastBudget(given);
  const { thinking } = body;
  const config = isObject(body['output_config']) ? body['output_config'] : undefined;
  if (thinkingIsOff(body)) return rules.canStop ? withoutEffort(body, rules) : lowest(body);
  if (rules.adaptive) {
    if (!isObject(thinking) || thinking['type'] !== 'enabled') return body;
    const { budget_tokens: budget, ...rest } = thinking;
    const effort = config?.['effort'] ?? (typeof budget === 'number' ? effortOfBudget(budget) : undefined);
    const fitted = { ...body, thinking: { ...rest, type: 'adaptive' } };
    return effort === undefined ? fitted : { ...fitted, output_config: { ...config, effort } };
  }
  const bare = withoutEffort(body, rules);
  if (!isObject(thinking)) return bare;
  const budgeted = thinking['type'] === 'adaptive' ? withBudget(bare, thinking, config?.['effort']) : bare;
  return 'thinking' in budgeted && !turnBeginsWithThinking(budgeted) ? without(budgeted, 'thinking') : budgeted;
}

/** The smallest budget. Tokens. */
const smallestBudget = 1024;

/** "thinking.enabled.budget_tokens: Input should be greater than or equal to 1024". A budget of 0 or -1 means none. */
function withLeastBudget(body: JsonObject): JsonObject {
  const { thinking } = body;
  const budget = isObject(thinking) ? thinking['budget_tokens'] : undefined;
  if (!isObject(thinking) || thinking['type'] !== 'enabled' || typeof budget !== 'number' || budget >= smallestBudget)
    return body;
  if (budget <= 0) return { ...body, thinking: { type: 'disabled' } };
  return { ...body, thinking: { ...thinking, budget_tokens: smallestBudget } };
}

function withBudget(body: JsonObject, thinking: JsonObject, effort: unknown): JsonObject {
  const maxTokens = Number(body['max_tokens'] ?? 0);
  const budget = budgetOf({ effort: isEffort(effort) ? effort : 'high' }, Math.ceil(maxTokens / 2));
  if (!budget) return without(body, 'thinking');
  return { ...body, thinking: { ...thinking, type: 'enabled', budget_tokens: budget } };
}

function withoutEffort(body: JsonObject, rules: Rules): JsonObject {
  const config = body['output_config'];
  if (rules.effort || !isObject(config) || !('effort' in config)) return body;
  const rest = without(config, 'effort');
  return Object.keys(rest).length > 0 ? { ...body, output_config: rest } : without(body, 'output_config');
}

/** For models that always think: the lowest effort. */
function lowest(body: JsonObject): JsonObject {
  const config = isObject(body['output_config']) ? body['output_config'] : {};
  return { ...without(body, 'thinking'), output_config: { ...config, effort: 'low' } };
}

/**
 * "Expected `thinking` or `redacted_thinking`, but found `tool_use`": with a budget, the turn that tools are being run for
 * must begin with thinking. A turn that another model began has no valid thinking, so it continues without a budget. A whole
 * tool loop is one turn, in which the thinking settings must not change (Anthropic's docs, "Thinking in tool and multi-turn
 * workflows"); changing them would also invalidate the prompt cache.
 */
function turnBeginsWithThinking({ messages }: JsonObject): boolean {
  const list = objectsIn(messages);
  const asked = list.findLastIndex((message) => message['role'] === 'user' && !answersCalls(message));
  const first = list.slice(asked + 1).find(({ role }) => role === 'assistant');
  const blocks = objectsIn(first?.['content']);
  if (!blocks.some(({ type }) => type === 'tool_use')) return true;
  return ['thinking', 'redacted_thinking'].includes(String(blocks[0]?.['type']));
}

function answersCalls({ content }: JsonObject): boolean {
  return objectsIn(content).some(({ type }) => type === 'tool_result');
}

/** Thinking and a forced tool exclude each other. The forced tool takes precedence. */
function fitToolChoice(body: JsonObject, rules: Rules): JsonObject {
  const choice = body['tool_choice'];
  if (!isObject(choice) || (choice['type'] !== 'any' && choice['type'] !== 'tool')) return body;
  if (!rules.canStop) return { ...body, tool_choice: { ...without(choice, 'name'), type: 'auto' } };
  return isObject(body['thinking']) && !thinkingIsOff(body) ? withoutThinking(body, rules) : body;
}

/** Newer models think by default. */
function withoutThinking(body: JsonObject, { adaptive }: Rules): JsonObject {
  return adaptive ? { ...body, thinking: { type: 'disabled' } } : without(body, 'thinking');
}

function fitSampling(body: JsonObject, rules: Rules): JsonObject {
  const thinks = isObject(body['thinking']) && !thinkingIsOff(body);
  return thinks || rules.fixedSampling ? without(body, 'temperature', 'top_p', 'top_k') : body;
}
