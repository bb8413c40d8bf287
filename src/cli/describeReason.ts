import type { RequestView } from '../control/protocol.ts';

/** Why the rule of a request applied, in words. */
export function describeReason(view: RequestView): string {
  const { reason, route, preset, budget } = view;
  const named = preset === undefined ? 'a preset' : `the preset ${preset}`;
  switch (reason) {
    case 'preset':
      return `the URL or the model names ${named}`;
    case 'scope':
      return `it is the choice of this window${preset === undefined ? '' : `, ${named}`}`;
    case 'rule':
      return `number ${route?.rule?.place ?? '?'} of Router.rules applies${because(view)}`;
    case 'direct':
      return 'the client names the provider and the model';
    case 'mapping':
      return 'a model mapping in Frontend has this name';
    case 'model':
      return 'a provider of the config has this model';
    case 'route':
      return 'the client names this route';
    case 'compaction':
      return 'a compaction stays with the target of its conversation';
    case 'web-search':
      return 'the answer depends on a web search';
    case 'image':
      return 'there is an image in the newest turn';
    case 'long-context':
      return lengthText(view);
    case 'think':
      return 'it asks for thinking, or for a reasoning model';
    case 'background':
      return 'it is a side request, or asks for a small model';
    case 'subagent-tag':
      return 'the system prompt names it in <CCR-SUBAGENT-MODEL>';
    case 'budget':
      return `${budget ?? 'a budget is nearly used up'}, so ${named} answers`;
    case 'unknown-model':
      return 'the config does not have this model, and no other configured route fits the request';
    case 'default':
      return 'the client leaves the model to CCR, and no other configured route fits the request';
    default:
      return 'it applies';
  }
}

function lengthText({ route }: RequestView): string {
  const { tokens, limit, wasLong } = route?.length ?? {};
  if (tokens === undefined) return 'the conversation is longer than Router.longContextThreshold';
  return wasLong
    ? `the conversation was longer than Router.longContextThreshold, and its about ${tokens} tokens are more than half of that, ${limit}`
    : `about ${tokens} tokens are more than Router.longContextThreshold, ${limit}`;
}

function because({ route }: RequestView): string {
  const reason = route?.rule?.reason;
  return reason === undefined ? '' : `: ${reason}`;
}
