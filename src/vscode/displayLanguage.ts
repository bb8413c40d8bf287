import { spoken, spokenAll, type Wording } from '../canonical/wording.ts';
import type { LoadedConfig } from '../config/load.ts';
import type { GatewayState, ProblemView, RequestView } from '../control/protocol.ts';
import { t } from './l10n.ts';

// What the config's checks say, in the display language. The gateway's thread, its log and the CLI speak English.

type Worded = { wording?: readonly Wording[] | undefined };

/** Gateways that are older have no wording: their English stays. */
export function translateProblem<Problem extends Worded & { message: string }>(problem: Problem): Problem {
  return problem.wording ? { ...problem, message: spokenAll(problem.wording, t) } : problem;
}

/** The wording is of the reason, and then of the sentences of the remedy. */
function translateProvider<Provider extends Worded & { name: string }>(provider: Provider): Provider {
  const [reason, ...remedy] = provider.wording ?? [];
  if (!reason) return provider;
  return {
    ...provider,
    reason: spoken(reason, t),
    ...(remedy.length > 0 && { remedy: spokenAll(remedy, t) }),
  };
}

export function translateState(state: GatewayState): GatewayState {
  const { reasons, reasonWording } = state;
  return {
    ...state,
    reasons: reasonWording?.map((sentences) => spokenAll(sentences, t)) ?? reasons,
    problems: state.problems.map(translateProblem),
    providers: state.providers.map(translateProvider),
  };
}

/** Why a request went where it went. */
export function translateRequest(request: RequestView): RequestView {
  const { route } = request;
  return route?.detourWording ? { ...request, route: { ...route, detour: spoken(route.detourWording, t) } } : request;
}

export function translateConfig(config: LoadedConfig): LoadedConfig {
  const problems = config.problems.map(translateProblem);
  return config.usable
    ? { ...config, problems, providers: config.providers.map(translateProvider) }
    : { ...config, problems };
}

/** `config.json:3: message` */
export function problemLine({ message, file, line }: Pick<ProblemView, 'message' | 'file' | 'line'>): string {
  if (file === undefined) return message;
  const name = file.split(/[\\/]/).at(-1) ?? file;
  return `${line === undefined ? name : `${name}:${line}`}: ${message}`;
}
