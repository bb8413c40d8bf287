import * as vscode from 'vscode';
import type { ProblemView } from '../control/protocol.ts';
import { problemLine } from './displayLanguage.ts';
import type { GatewayLink } from './gatewayLink.ts';
import { openConfigAction, showInformation, showWarning, startAction } from './messages.ts';
import type { ProviderSecrets } from './secrets.ts';
import type { WindowEnvironment } from './windowEnvironment.ts';

const t = vscode.l10n.t;

/** Checks the config as it is on disk, and reports the outcome. */
export async function validateConfig(window: WindowEnvironment, secrets: ProviderSecrets): Promise<void> {
  const { problems, file } = await window.config(await secrets.all());
  const [first, ...others] = problems.toSorted((a, b) => rank(a) - rank(b));
  if (!first) return showInformation(t('The config has no problems: {0}', file));
  const more = others.length === 0 ? '' : ` ${t('(and {0} more)', others.length)}`;
  showWarning(`${problemLine(first)}${more}`, openConfigAction, {
    title: t('Show Problems'),
    run: () => vscode.commands.executeCommand('workbench.actions.view.problems'),
  });
}

function rank({ severity }: Pick<ProblemView, 'severity'>): number {
  return severity === 'error' ? 0 : 1;
}

/** The address that clients of this window use, with its scope, so that they follow the switcher. */
export async function copyBaseUrl(link: GatewayLink, scope: string): Promise<void> {
  const status = link.status();
  if (status.kind !== 'running' && status.kind !== 'newer')
    return showInformation(t('CCR is not running. Start it to copy its URL.'), startAction);
  const url = `${status.url}/w/${scope}/v1`;
  await vscode.env.clipboard.writeText(url);
  const token =
    status.token === undefined ? '' : ` ${t('Clients must send the token, which terminals have in OPENAI_API_KEY.')}`;
  showInformation(`${t("Copied {0}. It follows this window's choice of a model.", url)}${token}`);
}
