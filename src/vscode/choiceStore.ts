import type { Memento } from 'vscode';

/**
 * The preset, route or `provider,model` that this window uses. A choice of the user is kept with the workspace in VS Code's own
 * storage, so it is in no repository, and applies in folders that are not trusted and in windows without a folder.
 */
export type ChoiceStore = {
  /** '' is the config's own routing. */
  name(): string;
  choose(name: string): Promise<void>;
  /** The setting ccr.activePreset applies again. Call when the user edits it. */
  forget(): Promise<void>;
};

const choiceKey = 'ccr.choice';
const emptyScopeKey = 'ccr.scope';

/** @param setting reads ccr.activePreset, which applies until the user chooses something in this window */
export function createChoiceStore(memento: Memento, setting: () => string): ChoiceStore {
  return {
    name: () => memento.get<string>(choiceKey) ?? setting(),
    choose: async (name) => memento.update(choiceKey, name),
    forget: async () => memento.update(choiceKey, undefined),
  };
}

/** The scope of a window without a folder: one for each window, so that a switch in one does not affect the others. */
export function emptyScope(memento: Memento, random: () => string): string {
  const kept = memento.get<string>(emptyScopeKey);
  if (kept !== undefined) return kept;
  const scope = `empty-${random()}`;
  void memento.update(emptyScopeKey, scope);
  return scope;
}
