import { holdsImage } from '../canonical/messages.ts';
import { isCooling } from './heldBackLast.ts';
import { partition } from '../canonical/lists.ts';
import { dayOf } from '../canonical/day.ts';
import type { ChatRequest, Tool } from '../canonical/request.ts';
import { wording, type Wording } from '../canonical/wording.ts';
import { isSameTarget, type ModelRef } from '../config/routes.ts';
import type { RouteCandidate, Target } from './route.ts';

/** What a model has failed in its contract test. `testedAtMs`: Unix time in ms. */
export type TestVerdict = { failed: readonly string[]; testedAtMs: number };

/** What was tested of a model last; undefined if nothing was. */
export type TestVerdicts = (target: Target) => TestVerdict | undefined;

/** A check that a target has failed and that the request depends on. */
export type FailedCheck = { check: string; testedAtMs: number };

/** A provider may have changed its model since. */
export const staleTestMs = 30 * 86_400_000;

/** The checks of the contract test that a request depends on, the most important one first. */
export function checksNeeded({ messages, tools, toolChoice, outputFormat }: ChatRequest): string[] {
  const offered = toolChoice.type === 'none' ? [] : tools.filter(isOwnTool);
  const needed: string[] = [];
  if (messages.some(holdsImage)) needed.push('image');
  if (offered.length > 0) needed.push('tool-call');
  if (offered.some(isPatchTool)) needed.push('apply-patch');
  if (offered.some(hasNamespace)) needed.push('namespaced-tool');
  if (outputFormat?.type === 'json-schema') needed.push('structured-output');
  return needed;
}

function isOwnTool({ kind }: Tool): boolean {
  return kind !== 'hosted';
}

function isPatchTool({ name }: Tool): boolean {
  return name === 'apply_patch';
}

function hasNamespace(tool: Tool): boolean {
  return 'namespace' in tool && tool.namespace !== undefined;
}

/** The first of these checks that the target has failed, whenever that was. */
export function failedCheck(
  target: Target,
  needed: readonly string[],
  verdicts: TestVerdicts,
): FailedCheck | undefined {
  const verdict = needed.length === 0 ? undefined : verdicts(target);
  if (!verdict) return undefined;
  const check = needed.find((each) => verdict.failed.includes(each));
  return check === undefined ? undefined : { check, testedAtMs: verdict.testedAtMs };
}

/** @example 'a,m failed the check "image" of its test on 2026-11-27' */
export function describeFailedCheck(target: string, { check, testedAtMs }: FailedCheck): Wording {
  return wording('{0} failed the check "{1}" of its test on {2}', target, check, dayOf(testedAtMs));
}

export function isStale({ testedAtMs }: FailedCheck, nowMs: number): boolean {
  return nowMs - testedAtMs > staleTestMs;
}

/**
 * Puts the targets that have failed a test of what the request needs behind the others that can be asked, unless the client or the
 * user `chosen` the target itself. Does nothing for stale tests, or if all have failed.
 */
export function unfitLast(
  candidates: readonly RouteCandidate[],
  chosen: ModelRef | undefined,
  failed: (target: Target) => FailedCheck | undefined,
  nowMs: number,
): RouteCandidate[] {
  const judged = candidates.map((each) => {
    const found = failed(each.target);
    return found && !isStale(found, nowMs) ? { ...each, failedTest: found } : each;
  });
  const isUnfit = ({ target, failedTest }: RouteCandidate): boolean =>
    failedTest !== undefined && !(chosen && isSameTarget(target, chosen));
  const [unfit, fit] = partition(judged, isUnfit);
  if (unfit.length === 0 || fit.every(isCooling)) return judged;
  return [...fit, ...unfit.map((each) => ({ ...each, position: 'failed-test' as const }))];
}
