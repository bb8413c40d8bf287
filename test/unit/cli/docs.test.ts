import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Command, Option } from 'commander';
import { expect, it } from 'vitest';
import { createProgram } from '../../../src/cli/program.ts';
import { commandCategory, commands } from '../../../src/manifest/commands.ts';
import { table, withSections } from '../../support/markdown.ts';

const page = path.join(import.meta.dirname, '../../../docs/cli.md');

const program = createProgram(
  {
    environment: {},
    homeDirectory: '',
    currentDirectory: '',
    platform: 'linux',
    version: '0',
    cliPath: '/ccr/cli.js',
    print: () => undefined,
    complain: () => undefined,
  },
  () => undefined,
);

/** With the commands of a command, by all of their names. */
const named = program.commands.flatMap((command) => [
  { name: command.name(), command },
  ...command.commands.map((each) => ({ name: `${command.name()} ${each.name()}`, command: each })),
]);

/** One row per option, with the commands that have it. Options that differ in meaning or default have rows of their own. */
function optionsTable(): string {
  const uses = named.flatMap(({ name, command }) => command.options.map((option) => ({ name, option })));
  const groups = Map.groupBy(uses, ({ option }) => JSON.stringify([option.flags, ...optionCells(option)]));
  const rows = [...groups.values()].flatMap((group) => {
    const [first] = group;
    if (!first) return [];
    const users = group.map(({ name }) => `\`${name}\``);
    const isEverywhere = users.length === named.filter(({ command }) => command.commands.length === 0).length;
    return [[`\`${first.option.flags}\``, ...optionCells(first.option), isEverywhere ? 'all' : users.join(', ')]];
  });
  return table(['Option', 'Default', 'Meaning', 'Commands'], rows);
}

function optionCells({ description, defaultValue, argChoices }: Option): string[] {
  const choices = argChoices ? `: ${argChoices.map((choice) => `\`${choice}\``).join(', ')}` : '';
  return [defaultValue === undefined ? '' : `\`${String(defaultValue)}\``, description + choices];
}

function commandRow({ name, command }: { name: string; command: Command }): string[] {
  return [`\`ccr ${name}\``, command.description()];
}

it('docs/cli.md lists the commands, their options and the palette (UPDATE=1 rewrites it)', () => {
  const sections = {
    commands: [table(['Command', 'What it does'], named.map(commandRow)), optionsTable()].join('\n\n'),
    palette: table(
      ['Command', 'What it does'],
      Object.values(commands).map(({ title, description }) => [`**${commandCategory}: ${title}**`, description]),
    ),
  };
  const stated = withSections(readFileSync(page, 'utf8'), sections);
  if (process.env['UPDATE'] === '1') writeFileSync(page, stated);
  expect(readFileSync(page, 'utf8')).toBe(stated);
});
