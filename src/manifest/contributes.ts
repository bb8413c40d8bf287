import { commandCategory, commands } from './commands.ts';
import { viewContributions, viewMenus } from './views.ts';
import { walkthroughs } from './walkthrough.ts';
import { windowKeybindings, windowMenus } from './windowMenus.ts';
import { settingNames, settings, type SettingName } from './settings.ts';

const configFilePattern = '**/.claude-code-router/config.json';

/** package.json's `contributes`. */
export function contributes(): object {
  return {
    commands: Object.entries(commands).map(([command, facts]) => ({
      command,
      title: facts.title,
      category: commandCategory,
      ...('icon' in facts && { icon: facts.icon }),
    })),
    ...viewContributions(),
    menus: joinMenus(windowMenus(), viewMenus()),
    keybindings: windowKeybindings,
    walkthroughs: walkthroughs(),
    configuration: {
      title: 'CCR',
      properties: Object.fromEntries(settingNames.map((name) => [`ccr.${name}`, settingProperty(name)])),
    },
    icons: {
      // The status bar's own, which scripts/bundle/iconFont.mjs makes of media/ccr.svg.
      'ccr-route': { description: 'CCR', default: { fontPath: './media/ccr.woff', fontCharacter: '\\E000' } },
    },
    languageModelChatProviders: [{ vendor: 'ccr', displayName: 'CCR' }],
    mcpServerDefinitionProviders: [{ id: 'ccr.gateway', label: 'CCR' }],
    jsonValidation: [{ fileMatch: configFilePattern, url: './media/config.schema.json' }],
    // The config file may have comments and trailing commas.
    languages: [{ id: 'jsonc', filenamePatterns: [configFilePattern] }],
  };
}

/** A menu that several parts contribute to has the entries of each. */
function joinMenus(...parts: Record<string, object[]>[]): Record<string, object[]> {
  const names = new Set(parts.flatMap((part) => Object.keys(part)));
  return Object.fromEntries([...names].map((name) => [name, parts.flatMap((part) => part[name] ?? [])]));
}

/** package.json's `capabilities`. */
export function capabilities(): object {
  const settable = settingNames.filter((name) => settings[name].scope === 'window');
  return {
    untrustedWorkspaces: {
      supported: 'limited',
      description: 'Until you trust the workspace, CCR ignores its settings and its `.env` file.',
      restrictedConfigurations: settable.map((name) => `ccr.${name}`),
    },
    virtualWorkspaces: true,
  };
}

function settingProperty(name: SettingName): object {
  const { schema, scope, description } = settings[name];
  return { ...schema, scope, markdownDescription: description };
}
