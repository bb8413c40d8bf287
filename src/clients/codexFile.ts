import path from 'node:path';
import * as z from 'zod';
import type { ClientFile } from './clientFile.ts';
import { connectCodexConfig, disconnectCodexConfig } from './codexConfig.ts';
import { sharedScope } from './sharedScope.ts';

const editSchema = z.object({
  provider: z.string().optional(),
  inserted: z.object({ provider: z.string(), table: z.string() }),
});

export type CodexFileOptions = {
  /** The gateway's URL, without `/v1`. */
  url: string;
  tokenCommand: { command: string; args: string[] };
  environment: NodeJS.ProcessEnv;
  homeDirectory: string;
};

export function codexConfigFile(environment: NodeJS.ProcessEnv, homeDirectory: string): string {
  return path.join(environment['CODEX_HOME'] || path.join(homeDirectory, '.codex'), 'config.toml');
}

/** Codex's `config.toml`. Only an undo works without a gateway's URL. */
export function codexFile({ url, tokenCommand, environment, homeDirectory }: CodexFileOptions): ClientFile {
  return {
    client: 'codex',
    file: codexConfigFile(environment, homeDirectory),
    homeDirectory,
    editor: {
      connect: (text) =>
        connectCodexConfig(text, {
          baseUrl: `${url}/w/${sharedScope}/v1`,
          catalogUrl: `${url}/v1/models`,
          tokenCommand,
        }),
      disconnect: (text, edit) => disconnectCodexConfig(text, readEdit(edit)),
    },
  };
}

function readEdit(
  edit: unknown,
): { provider: string | undefined; inserted: { provider: string; table: string } } | undefined {
  const { data } = editSchema.safeParse(edit);
  return data && { provider: data.provider, inserted: data.inserted };
}
