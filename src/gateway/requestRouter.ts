import { rememberByText } from '../canonical/remember.ts';
import { GatewayError } from '../canonical/errors.ts';
import type { Usage } from '../canonical/events.ts';
import { findNamed } from '../canonical/lists.ts';
import type { ChatRequest } from '../canonical/request.ts';
import { formatTarget, resolveTarget, routeText, tierOf } from '../config/routes.ts';
import { placeOfRule } from '../config/ruleSchema.ts';
import type { Config } from '../config/schema.ts';
import { costOf } from '../observe/prices.ts';
import type { Affinity } from '../routing/affinity.ts';
import { fits, type RequestSize } from '../routing/fit.ts';
import { requiredHostedTool } from '../routing/hostedTool.ts';
import { readIntent, type Intent } from '../routing/intent.ts';
import { route, type RouteDecision, type RouteFacts, type RouteQuestion, type Target } from '../routing/route.ts';
import { spoken } from '../canonical/wording.ts';
import { checksNeeded, describeFailedCheck, failedCheck, isStale, type TestVerdicts } from '../routing/unfit.ts';
import type { TokenEstimate } from '../routing/tokens.ts';
import type { RuleFacts } from '../routing/rules.ts';
import { digest } from '../reasoning/turnHash.ts';
import { createCompactionAffinity } from './compactionAffinity.ts';
import { conversationThread, type ConversationThread } from './conversationThread.ts';
import type { Exchange } from './exchange.ts';
import type { GatewayParts, Settings } from './gatewayParts.ts';
import { routeHostedTool, type HostedToolFacts } from './hostedToolRoute.ts';
import { conversationOf, hasModel, providerOf } from './requestForTarget.ts';
import { createRequestLengths } from './requestLengths.ts';
import { takeSearchTag } from './searchTag.ts';
import { takeSubagentModel } from './subagentModel.ts';

/** A request with what decides its route, and without the marks by which users and agents steer CCR. */
export type ReadRequest = {
  request: ChatRequest;
  intent: Intent;
  /** A key for the conversation. */
  conversation: string;
  /** Its hash, for what is kept: the key may be what a client named its conversation. */
  conversationHash: string;
  /** The same, or for that of an agent one of its own. */
  thread: string;
  /** The names of the conversation's turns; undefined if the request is about a conversation rather than its next turn. */
  turns?: ConversationThread | undefined;
  /** The model that the system prompt names. */
  subagentModel?: string | undefined;
  /** Before calibration. Tokens. */
  estimate: TokenEstimate;
};

/** Chooses the targets of a request, with what the gateway knows of its client and its conversation. */
export type RequestRouter = {
  read(exchange: Exchange, request: ChatRequest): ReadRequest;
  /**
   * `warn` is called if the model that the system prompt names can't be followed, and if a target is asked whose test failed.
   * @throws GatewayError `not-found`: see routing/route.ts; `unsupported`: see routeHostedTool.
   */
  route(exchange: Exchange, read: ReadRequest, warn: (message: string) => void): RouteDecision;
  /** `provider,model` of the last answer of this conversation; undefined for a new one. */
  lastTarget(read: ReadRequest): string | undefined;
  /** Whether the conversation was answered elsewhere, or so long ago that the target has to read its prompt again. */
  isCold(read: ReadRequest, target: Target): boolean;
  /**
   * Remembers which target answered, for the compaction of the conversation, and the provider's own count of the input, for
   * later estimates.
   */
  noteAnswer(read: ReadRequest, answered: { target: Target; usage?: Usage | undefined }, decision: RouteDecision): void;
};

type Parts = Pick<
  GatewayParts,
  | 'settings'
  | 'scope'
  | 'health'
  | 'clock'
  | 'windowOf'
  | 'outputLimitOf'
  | 'pricesOf'
  | 'random'
  | 'affinity'
  | 'testVerdicts'
>;

/** A conversation has many requests. */
const maxHashes = 1000;

export function createRequestRouter(parts: Parts): RequestRouter {
  const compactions = createCompactionAffinity();
  const { affinity } = parts;
  const lengths = createRequestLengths(parts);
  const hashOf = rememberByText(maxHashes, digest);

  return {
    read(exchange, given) {
      const { request: untagged, model: subagentModel } = takeSubagentModel(given);
      const hasSearchRoute = routeText(parts.settings().config.Router, 'webSearch') !== undefined;
      const { request, hasSearchTag } = hasSearchRoute
        ? takeSearchTag(untagged)
        : { request: untagged, hasSearchTag: false };
      const intent = readIntent({ headers: exchange.headers, request, hasSearchTag });
      const conversation = conversationOf(exchange, request);
      const thread = intent.agentId === undefined ? conversation : `${conversation} ${intent.agentId}`;
      const turns = isTurn(intent) ? conversationThread(thread, request) : undefined;
      const estimate = lengths.estimate(thread, request);
      const conversationHash = hashOf(conversation);
      return { request, subagentModel, intent, conversation, conversationHash, thread, turns, estimate };
    },

    route(exchange, read, warn) {
      const { request, intent, subagentModel, thread, turns } = read;
      const settings = parts.settings();
      const { config } = settings;
      const known = turns?.before;
      const facts: RouteFacts & { size: RequestSize } = {
        ...factsNow(parts),
        size: lengths.sizeOf(read),
        explores: known === undefined || !affinity.has(known),
        failedCheck: checkOf(request, parts.testVerdicts),
      };
      const { isLong, ...length } = lengths.noteLength(config, thread, read);
      const question = questionOf(parts, exchange, read, facts.nowMs, isLong);
      const routed =
        // A preset in the URL, or a budget's, comes before all else.
        routeSubagent(exchange.preset === undefined ? subagentModel : undefined, warn, (model) =>
          route(config, { model, frontend: frontendOf(exchange) }, facts),
        ) ?? route(config, question, facts);
      const decision = routed.reason === 'long-context' ? { ...routed, length } : routed;
      noteFailedTest(decision, facts, warn);
      const tool = requiredHostedTool(request);
      if (tool) return routeHostedTool(decision, tool, hostedToolFacts(settings, facts));
      if (known !== undefined) return affinity.apply(known, decision, turnFacts(parts, read, facts.nowMs));
      if (intent.class !== 'compaction' || hasOwnRule(config, decision)) return decision;
      return compactions.apply(thread, decision, (target) => canAnswer(target, config, facts));
    },

    lastTarget: ({ turns }) => (turns?.before === undefined ? undefined : affinity.last(turns.before)),

    isCold: ({ turns }, target) =>
      turns?.before !== undefined && affinity.isCold(turns.before, target, parts.clock.now()),

    noteAnswer({ request, thread, turns, estimate }, { target, usage }, decision) {
      if (usage) lengths.note(request, estimate, target, usage);
      if (!turns) return;
      compactions.note(thread, target, decision.parameters);
      const counted = usage ?? { inputTokens: estimate.total, outputTokens: 0 };
      affinity.note(turns.now, target, counted, parts.clock.now());
    },
  };
}

function canAnswer(
  target: Target,
  config: Config,
  { health, nowMs, size, isEnabled }: RouteFacts & { size: RequestSize },
): boolean {
  return (
    hasModel(config, target) && isEnabled(target.provider) && !health.isOnCooldown(target, nowMs) && fits(target, size)
  );
}

/** Only a rule with the condition `class` decides on compactions; others merely happen to match one. */
function hasOwnRule({ Router }: Config, { rule }: RouteDecision): boolean {
  const found = Router.rules.find((each, index) => placeOfRule(each, index) === rule?.place);
  return found?.when.class !== undefined;
}

function frontendOf({ client }: Exchange): 'claudeCode' | 'codex' {
  return client === 'claude-code' ? 'claudeCode' : 'codex';
}

function questionOf(
  parts: Pick<GatewayParts, 'settings' | 'scope'>,
  exchange: Exchange,
  read: ReadRequest,
  nowMs: number,
  isLong: boolean,
): RouteQuestion {
  const { rules } = parts.settings().config.Router;
  return {
    model: read.request.model,
    preset: exchange.preset,
    scope: exchange.scope === undefined ? undefined : parts.scope(exchange.scope),
    frontend: frontendOf(exchange),
    intent: read.intent,
    isLong,
    rules: rules.length === 0 ? undefined : ruleFacts(exchange, read, nowMs),
  };
}

/** What routing asks of the targets of any request. */
function factsNow({
  settings,
  health,
  clock,
  random,
}: Pick<GatewayParts, 'settings' | 'health' | 'clock' | 'random'>): Omit<RouteFacts, 'size'> {
  const { providers } = settings();
  return {
    health,
    nowMs: clock.now(),
    isEnabled: (name) => findNamed(providers, name)?.enabled ?? false,
    whyOff(name) {
      const found = findNamed(providers, name);
      return found && !found.enabled ? found.reason : undefined;
    },
    random,
  };
}

function checkOf(request: ChatRequest, verdicts: TestVerdicts | undefined): RouteFacts['failedCheck'] {
  const needed = verdicts && checksNeeded(request);
  return needed && needed.length > 0 ? (target) => failedCheck(target, needed, verdicts) : undefined;
}

/** Says that the target that is asked first has failed a test of what the request needs, and why it is asked nevertheless. */
function noteFailedTest(
  { candidates }: RouteDecision,
  { failedCheck: failed, nowMs }: RouteFacts,
  warn: (message: string) => void,
): void {
  const [first] = candidates;
  const found = first && failed?.(first.target);
  if (!found) return;
  const why = isStale(found, nowMs)
    ? 'That is too long ago to count: test it again with "ccr test-model".'
    : 'It was asked since the request names it, or since nothing else can be asked.';
  warn(`${spoken(describeFailedCheck(formatTarget(first.target), found))}. ${why}`);
}

/** Whether the request continues a conversation, rather than being about it: a title, a summary. */
function isTurn({ class: kind }: Intent): boolean {
  return kind === 'main' || kind === 'subagent' || kind === 'workflow';
}

/** What a move to another target is judged by. */
function turnFacts(
  { pricesOf }: Pick<GatewayParts, 'pricesOf'>,
  { estimate }: ReadRequest,
  nowMs: number,
): Parameters<Affinity['apply']>[2] {
  return {
    inputTokens: estimate.total,
    fixedTokens: estimate.system + estimate.tools,
    nowMs,
    pricing: (target, usage) => costOf(usage, pricesOf({ ...target, tier: '' }), nowMs),
  };
}

function ruleFacts(
  { client, headers, scope }: Exchange,
  { request, intent, estimate }: ReadRequest,
  nowMs: number,
): RuleFacts {
  const tools = request.tools.map(({ name }) => name);
  return { client, headers, scope, nowMs, intent, model: request.model?.trim() ?? '', tokens: estimate.total, tools };
}

/** The route to the model that a system prompt names; undefined if it names none, or none that is configured. */
function routeSubagent(
  model: string | undefined,
  warn: (message: string) => void,
  routeTo: (model: string) => RouteDecision,
): RouteDecision | undefined {
  if (model === undefined) return undefined;
  try {
    const decision = routeTo(model);
    if (decision.reason !== 'unknown-model' && decision.reason !== 'default')
      return { ...decision, reason: 'subagent-tag' };
  } catch (thrown) {
    if (!(thrown instanceof GatewayError)) throw thrown;
  }
  warn('The model in <CCR-SUBAGENT-MODEL> is not configured, so the tag was ignored. Write it as "provider,model".');
  return undefined;
}

function hostedToolFacts(
  { config }: Settings,
  { isEnabled, whyOff }: Pick<RouteFacts, 'isEnabled' | 'whyOff'>,
): HostedToolFacts {
  const found = resolveTarget(config.Router, routeText(config.Router, 'webSearch') ?? '');
  const provider = findNamed(config.Providers, found?.provider);
  return {
    searchTarget:
      found && provider && isEnabled(found.provider) ? { ...found, tier: tierOf(config, found.provider) } : undefined,
    whySearchIsOff:
      found && provider && !isEnabled(found.provider)
        ? `The provider of Router.webSearch, ${found.provider}, is off: ${whyOff?.(found.provider) ?? ''}`
        : undefined,
    runs(target, tool) {
      const of = findNamed(config.Providers, target.provider);
      if (!of) return false;
      const { features, protocol } = providerOf(of, target.model);
      return features.hostedTools && protocol === tool.dialect;
    },
  };
}
