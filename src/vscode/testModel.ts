import * as vscode from 'vscode';
import { describeDetail } from '../control/describeModelTest.ts';
import { storeModelTest, type CheckName, type ModelTest } from '../control/modelTests.ts';
import { createAskModel } from '../doctor/askModel.ts';
import { describeResults, testModel } from '../doctor/contractTest.ts';
import type { GatewayLink } from './gatewayLink.ts';
import { showInformation, showWarning, startAction } from './messages.ts';
import { nameItems } from './plainText.ts';
import type { WindowLog } from './windowLog.ts';

const t = vscode.l10n.t;

export type TestModelParts = {
  link: GatewayLink;
  homeDirectory: string;
  log: WindowLog;
  /** Called when a result was stored. */
  stored(): void;
};

/** Tests a model for what agents need, with progress, and stores the result for the badges. @param given `provider,model` */
export async function testModelContract(parts: TestModelParts, given: string | undefined): Promise<void> {
  const { link, homeDirectory, log, stored } = parts;
  const status = link.status();
  const client = link.client();
  if (status.kind !== 'running' || !client) return showInformation(t('CCR is not running.'), startAction);
  const models = await client.listModels();
  const target = given ?? (await choose(models.map((model) => model.target)));
  if (target === undefined) return;
  const readsImages = models.find((model) => model.target === target)?.readsImages ?? true;
  const options = {
    location: vscode.ProgressLocation.Notification,
    title: t('Testing {0}', target),
    cancellable: true,
  };
  const test = await vscode.window.withProgress(options, async (progress, cancel): Promise<ModelTest | undefined> => {
    const stop = new AbortController();
    cancel.onCancellationRequested(() => stop.abort());
    const ask = createAskModel({ url: status.url, token: status.token, target, signal: stop.signal });
    const tell = (name: CheckName): void => progress.report({ message: name });
    const done = testModel({ target, ask, readsImages, now: Date.now, progress: tell });
    return done.catch((error: unknown) => {
      if (stop.signal.aborted) return undefined;
      throw error;
    });
  });
  if (!test) return;
  storeModelTest(homeDirectory, test);
  stored();
  for (const line of describeResults(test)) log.info(`${target}: ${line}`);
  const failed = test.results.filter(({ outcome }) => outcome === 'failed');
  const showLog = { title: t('Show Log'), run: () => log.show() };
  const unanswered = test.results.filter(({ outcome }) => outcome === 'untested');
  const [first] = unanswered;
  if (failed.length === 0 && first)
    return showWarning(
      t(
        '{0} of {1} checks of {2} got no answer. {3}',
        unanswered.length,
        test.results.length,
        target,
        describeDetail(first, t),
      ),
      showLog,
    );
  if (failed.length === 0) return showInformation(t('{0} passes its test.', target), showLog);
  const details = failed.map((result) => `${result.name}: ${describeDetail(result, t)}`).join(' ');
  showWarning(t('{0} fails {1} of {2} checks. {3}', target, failed.length, test.results.length, details), showLog);
}

async function choose(targets: readonly string[]): Promise<string | undefined> {
  const options = { title: t('CCR: Test Model'), placeHolder: t('Choose a model') };
  return (await vscode.window.showQuickPick(nameItems(targets), options))?.name;
}
