import * as vscode from 'vscode';
import { messageOf } from '../canonical/errors.ts';
import { spokenAll } from '../canonical/wording.ts';
import { askInput } from './inputBox.ts';
import { withProgress } from './messages.ts';
import { describeCheck } from '../gateway/describeCheck.ts';
import type { LiveCheck } from '../gateway/liveCheck.ts';

const t = vscode.l10n.t;

/** Tries a key at its provider. Undefined when no gateway runs to do it. May reject. */
export type CheckKey = (key: string) => Promise<LiveCheck[] | undefined>;

/** The key to store, and a sentence for the user about whether it works. */
export type EnteredKey = { key: string; works: boolean; remark: string };

const enterAnother = t('Enter Another Key');
const storeAnyway = t('Store Anyway');

/**
 * Asks for a provider's key, with a button for the page where keys are created, until the provider accepts it, the user stores it anyway, or cancels. Other failures (a limit,
 * the endpoint, the model) say nothing about the key and are only reported.
 */
export async function enterKey(name: string, check: CheckKey, page?: string): Promise<EnteredKey | undefined> {
  for (;;) {
    const key = await askForKey(name, page);
    if (key === undefined) return undefined;
    const verdict = await checkWithProgress(name, () => check(key));
    const refused = verdict.checks.find(({ fault }) => fault?.part === 'key');
    if (!refused?.fault) return { key, ...judge(verdict) };
    const choice = await vscode.window.showWarningMessage(
      t('{0} rejected this API key.', name),
      { modal: true, detail: refused.fault.message },
      enterAnother,
      storeAnyway,
    );
    if (choice === storeAnyway)
      return { key, works: false, remark: t('But {0}', spokenAll(describeCheck(refused), t)) };
    if (choice !== enterAnother) return undefined;
  }
}

/** The gateway's findings; or none, with the reason why the key was not tried. */
type Verdict = { checks: LiveCheck[]; why?: string };

function judge({ checks, why }: Verdict): Omit<EnteredKey, 'key'> {
  if (why !== undefined) return { works: false, remark: t('The key was not tried: {0}', why) };
  const faulty = checks.find(({ fault }) => fault);
  return faulty
    ? { works: false, remark: t('But {0}', spokenAll(describeCheck(faulty), t)) }
    : { works: true, remark: t('The key works.') };
}

function askForKey(name: string, page: string | undefined): Promise<string | undefined> {
  return askInput({
    title: t('API key for {0}', name),
    prompt: t("Stored in VS Code's secret storage. Overrides the key in the config file."),
    password: true,
    validate: (text) => (text.trim() === '' ? t('Enter the API key.') : undefined),
    page: page === undefined ? undefined : { url: page, tooltip: t('Open {0}', page) },
  });
}

/** Shows progress. A failure becomes part of the verdict, so that the entered key is not lost. */
async function checkWithProgress(name: string, check: () => ReturnType<CheckKey>): Promise<Verdict> {
  const title = t('Checking the API key with {0}...', name);
  try {
    const done = await withProgress(title, async () => ({ checks: await check() }));
    if (!done) return { checks: [], why: t('you cancelled the test.') };
    return done.checks ? { checks: done.checks } : { checks: [], why: t('CCR is not running.') };
  } catch (error) {
    return { checks: [], why: messageOf(error) };
  }
}
