import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { commands } from '../../../src/manifest/commands.ts';
import { capabilities, contributes } from '../../../src/manifest/contributes.ts';
import { extractTexts } from './texts.ts';
import { milestones } from '../../../src/manifest/windowMenus.ts';
import { readSettings, settingNames, settings } from '../../../src/manifest/settings.ts';

const projectFolder = path.join(import.meta.dirname, '../../..');
const packageFile = path.join(projectFolder, 'package.json');
const textsFile = path.join(projectFolder, 'package.nls.json');
const readPackage = () => JSON.parse(readFileSync(packageFile, 'utf8'));

describe('package.json', () => {
  it('declares what src/manifest says (UPDATE=1 rewrites it)', () => {
    const contributed = extractTexts(contributes(), 'contributes');
    const able = extractTexts(capabilities(), 'capabilities');
    const stated = { contributes: contributed.part, capabilities: able.part };
    const texts = { ...contributed.texts, ...able.texts };
    if (process.env['UPDATE'] === '1') {
      writeFileSync(packageFile, `${JSON.stringify({ ...readPackage(), ...stated }, null, 2)}\n`);
      writeFileSync(textsFile, `${JSON.stringify(texts, null, 2)}\n`);
    }
    const { contributes: written, capabilities: writtenAble } = readPackage();
    expect({ contributes: written, capabilities: writtenAble }).toEqual(stated);
    expect(JSON.parse(readFileSync(textsFile, 'utf8'))).toEqual(texts);
  });

  it('names files that exist', () => {
    const { jsonValidation, walkthroughs } = readPackage().contributes;
    const pictures = walkthroughs.flatMap(({ steps }: { steps: { media: { image: object } }[] }) =>
      steps.flatMap(({ media }) => Object.values(media.image)),
    );
    for (const file of [...jsonValidation.map(({ url }: { url: string }) => url), ...pictures])
      expect(existsSync(path.join(projectFolder, file)), file).toBe(true);
    expect(pictures.length).toBeGreaterThan(0);
  });
});

it('every command is one of ours, with a title that the palette shows after "CCR: "', () => {
  for (const [id, { title }] of Object.entries(commands)) {
    expect(id).toMatch(/^ccr\.[a-z][A-Za-z]+$/);
    expect(title).not.toMatch(/^CCR/);
  }
});

describe('settings', () => {
  it('that decide where prompts and keys go can’t be set by a workspace', () => {
    const settable = settingNames.filter((name) => settings[name].scope !== 'machine');
    expect(settable).toEqual(['activePreset', 'terminal.inject', 'terminal.clients']);
    expect(capabilities()).toMatchObject({
      untrustedWorkspaces: {
        supported: 'limited',
        restrictedConfigurations: ['ccr.activePreset', 'ccr.terminal.inject', 'ccr.terminal.clients'],
      },
    });
  });

  it('have their defaults when nothing is set', () => {
    expect(readSettings(() => undefined)).toEqual({
      problems: [],
      settings: {
        configFile: '',
        port: null,
        host: '',
        autoStart: true,
        requireToken: false,
        logLevel: 'info',
        activePreset: '',
        'terminal.inject': true,
        'terminal.clients': ['codex'],
      },
    });
  });

  it('are read, and an invalid one is reported by name, without its value', () => {
    const values: Record<string, unknown> = {
      port: 0,
      host: '::1',
      logLevel: 'loud',
      'terminal.clients': [],
      autoStart: null,
    };
    const { settings, problems } = readSettings((name) => values[name]);
    expect(settings).toMatchObject({ port: 0, host: '::1', logLevel: 'info', 'terminal.clients': [], autoStart: true });
    expect(problems).toEqual([expect.stringMatching(/^The setting ccr\.logLevel is invalid and was ignored: /)]);
    expect(problems.join()).not.toContain('loud');
  });
});

describe('the palette', () => {
  const { menus, keybindings } = contributes() as {
    menus: Record<string, { command: string; when?: string }[]>;
    keybindings: { command: string }[];
  };
  const when = (command: string) => menus['commandPalette']?.find((each) => each.command === command)?.when;

  it('never offers both Start and Stop', () => {
    expect(when('ccr.startProxy')).toBe('!ccr.running');
    expect(when('ccr.stopProxy')).toBe('ccr.running');
  });

  it('and the menus and keys have commands that exist', () => {
    const used = [...Object.values(menus).flat(), ...keybindings].map(({ command }) => command);
    expect(used.filter((command) => !Object.hasOwn(commands, command))).toEqual([]);
  });
});

describe('the walkthrough', () => {
  type Step = { description: string; completionEvents: string[] };
  const { walkthroughs } = contributes() as { walkthroughs: { steps: Step[] }[] };
  const steps = walkthroughs.flatMap((each) => each.steps);

  it('completes its steps by commands and context keys that exist', () => {
    const known = [
      ...Object.keys(commands).map((command) => `onCommand:${command}`),
      ...Object.values(milestones).map((key) => `onContext:${key}`),
    ];
    expect(steps.flatMap(({ completionEvents }) => completionEvents).filter((event) => !known.includes(event))).toEqual(
      [],
    );
  });

  it('has a link to a command that exists in each step', () => {
    for (const { description } of steps) {
      const [, command = ''] = /\]\(command:([\w.]+)\)$/.exec(description) ?? [];
      expect(commands).toHaveProperty([command]);
    }
  });
});
