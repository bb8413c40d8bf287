import { storeModelTest } from '../control/modelTests.ts';
import { createAskModel } from '../doctor/askModel.ts';
import { describeResults, testModel } from '../doctor/contractTest.ts';
import { worded, wording } from '../canonical/wording.ts';
import { didYouMean, suggestion } from '../config/suggest.ts';
import { describeAbsence, locateGateway, type LocateOptions } from './locate.ts';
import type { CliContext, ExitCode } from './context.ts';

/** Tests a model through the running gateway and stores the result. Exits with 1 if a check fails or gets no answer. */
export async function testModelCommand(
  target: string,
  options: LocateOptions & { json?: boolean | undefined },
  context: CliContext,
): Promise<ExitCode> {
  const located = await locateGateway(options, context);
  if (located.kind !== 'ccr') return fail(`${describeAbsence(located)} Start it first: "ccr start".`, context);
  const { client } = located;
  const models = await client.listModels();
  const model = models.find((each) => each.target === target);
  if (!model) {
    const names = models.map((each) => each.target);
    const said = wording('The config has no model "{0}", as provider,model.', target);
    return fail(worded(said, didYouMean(suggestion(target, names))).message, context);
  }
  const ask = createAskModel({
    url: client.url,
    token: await client.clientToken(),
    target,
    signal: new AbortController().signal,
  });
  const test = await testModel({ target, ask, readsImages: model.readsImages ?? true, now: Date.now });
  storeModelTest(context.homeDirectory, test);
  if (options.json) context.print(JSON.stringify(test));
  else {
    for (const line of describeResults(test)) context.print(line);
    context.print(`${test.tokens.input} tokens read, ${test.tokens.output} written.`);
  }
  return test.results.some(({ outcome }) => outcome === 'failed' || outcome === 'untested') ? 1 : 0;
}

function fail(message: string, context: CliContext): ExitCode {
  context.complain(`ccr: ${message}`);
  return 1;
}
