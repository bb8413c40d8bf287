import { messageOf } from '../canonical/errors.ts';
import { spoken, verbatim, wording } from '../canonical/wording.ts';
import { checkNames, type CheckName, type CheckResult, type ModelTest } from '../control/modelTests.ts';
import { NoAnswerError, type AskModel, type ModelReply } from './askModel.ts';
import { contractChecks, type Finding } from './contractChecks.ts';

export type ContractTestOptions = {
  /** `provider,model`. */
  target: string;
  ask: AskModel;
  /** Whether the model reads images, as far as is known: else it is not sent one. */
  readsImages: boolean;
  /** Unix time in ms. */
  now(): number;
  /** Called before each check. */
  progress?(name: CheckName): void;
};

/** Tests a model for what coding agents need, in a dozen small requests. Rejects only if `ask` was aborted. */
export async function testModel(options: ContractTestOptions): Promise<ModelTest> {
  const { target, now, progress } = options;
  const usages: ModelReply['usage'][] = [];
  const ask: AskModel = async (body) => {
    const reply = await options.ask(body);
    usages.push(reply.usage);
    return reply;
  };
  const results: CheckResult[] = [];
  for (const name of checkNames) {
    progress?.(name);
    const finding = await check(name, ask, usages, options.readsImages);
    results.push(
      finding
        ? {
            name,
            outcome: finding.absent ? 'absent' : finding.untested ? 'untested' : 'failed',
            detail: spoken(finding.detail),
            wording: finding.detail,
          }
        : { name, outcome: 'passed' },
    );
  }
  const sum = (count: (usage: NonNullable<ModelReply['usage']>) => number): number =>
    usages.reduce((total, usage) => total + (usage ? count(usage) : 0), 0);
  const tokens = { input: sum((usage) => usage.input_tokens), output: sum((usage) => usage.output_tokens) };
  return { target, testedAt: now(), results, tokens };
}

async function check(
  name: CheckName,
  ask: AskModel,
  usages: readonly ModelReply['usage'][],
  readsImages: boolean,
): Promise<Finding> {
  if (name === 'usage') return checkUsage(usages);
  if (name === 'image' && !readsImages) return { detail: wording('It takes no images.'), absent: true };
  try {
    return await contractChecks[name](ask);
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') throw error;
    return { detail: verbatim(messageOf(error)), ...(error instanceof NoAnswerError && { untested: true }) };
  }
}

/** Of the answers so far: no request of its own. */
function checkUsage(usages: readonly ModelReply['usage'][]): Finding {
  if (usages.length === 0) return { detail: wording('No answer has arrived that could have a usage.'), untested: true };
  const missing = usages.filter((usage) => !usage || usage.input_tokens <= 0 || usage.output_tokens <= 0);
  if (missing.length === 0) return undefined;
  return { detail: wording('{0} of {1} answers do not say how many tokens they used.', missing.length, usages.length) };
}

const marks: Record<CheckResult['outcome'], string> = {
  passed: 'ok',
  failed: 'FAILED',
  absent: 'absent',
  untested: 'no answer',
};

/** One line for each check. */
export function describeResults({ results }: ModelTest): string[] {
  return results.map(({ name, outcome, detail }) =>
    [name.padEnd(18), marks[outcome].padEnd(9), detail]
      .filter((each) => each !== undefined)
      .join('  ')
      .trimEnd(),
  );
}
