import path from 'node:path';
import * as z from 'zod';
import { makePrivateFolder, writeFileAtomically } from '../control/privateFiles.ts';
import { runFolder } from '../control/runFiles.ts';
import { claudeModelId } from '../providers/clientModels.ts';

/** The part of the Codex catalog that describes models to a person. */
const catalogSchema = z.looseObject({
  models: z.array(
    z.looseObject({
      slug: z.string(),
      display_name: z.string(),
      description: z.string().optional(),
      visibility: z.string(),
    }),
  ),
});

type PickerOption = { model: string; label: string; description?: string; behavesAs?: string };

/**
 * Settings of one session of Claude Code, which offer the gateway's models in its picker and leave the user's settings
 * unchanged (`--settings`, honoured since 2.1.242). `behavesAs`: what Claude Code may expect of a model of its own maker under
 * another name. Other models get what it sends unknown ones, which every provider takes.
 */
export function claudeSettings(codexCatalog: string): { modelPicker: { options: PickerOption[] } } {
  const { models } = catalogSchema.parse(JSON.parse(codexCatalog));
  const options = models
    .filter(({ visibility }) => visibility === 'list')
    .map(({ slug, display_name: label, description }) => {
      const behavesAs = claudeModelId(slug);
      return { model: slug, label, ...(description && { description }), ...(behavesAs && { behavesAs }) };
    });
  return { modelPicker: { options } };
}

/** Writes the settings beside the run file and returns the path: a command line has a limit. */
export function writeClaudeSettings(homeDirectory: string, url: string, codexCatalog: string): string {
  const folder = runFolder(homeDirectory);
  makePrivateFolder(folder);
  const file = path.join(folder, `claude-settings-${new URL(url).host.replaceAll(/[^\w.-]/g, '-')}.json`);
  writeFileAtomically(file, JSON.stringify(claudeSettings(codexCatalog)), { mode: 0o600 });
  return file;
}
