import * as vscode from 'vscode';
import { commandAction, openConfigAction, showInformation } from './messages.ts';

const t = vscode.l10n.t;

/** Shown when the choice names something unknown to the config. */
export function showUnknownPreset(name: string): void {
  showInformation(
    t('The CCR config has no preset or route "{0}". This window uses the config\'s own routing.', name),
    commandAction(t('Switch Preset'), 'ccr.switchPreset'),
    openConfigAction,
  );
}
