import type { Memento } from 'vscode';
import { describe, expect, it } from 'vitest';
import { createChoiceStore, emptyScope } from '../../../src/vscode/choiceStore.ts';

function memento(): Memento {
  const values = new Map<string, unknown>();
  return {
    keys: () => [...values.keys()],
    get: (name: string, absent?: unknown) => values.get(name) ?? absent,
    update: async (name: string, value: unknown) =>
      void (value === undefined ? values.delete(name) : values.set(name, value)),
  } as Memento;
}

describe('a window’s choice', () => {
  it('is the setting’s until the user chooses, and again when the setting is edited', async () => {
    const choices = createChoiceStore(memento(), () => 'team');
    expect(choices.name()).toBe('team');
    await choices.choose('fast,small');
    expect(choices.name()).toBe('fast,small');
    await choices.forget();
    expect(choices.name()).toBe('team');
  });

  it('may be the config’s own routing, against the setting', async () => {
    const choices = createChoiceStore(memento(), () => 'team');
    await choices.choose('');
    expect(choices.name()).toBe('');
  });
});

describe('the scope of a window without a folder', () => {
  it('is its own, and stays', () => {
    const [one, two] = [memento(), memento()];
    expect(emptyScope(one, () => 'a')).toBe('empty-a');
    expect(emptyScope(one, () => 'b')).toBe('empty-a');
    expect(emptyScope(two, () => 'c')).toBe('empty-c');
  });
});
