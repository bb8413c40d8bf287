import { readFileSync } from 'node:fs';
import path from 'node:path';
import * as z from 'zod';
import { codeOf, configFolder } from '../config/files.ts';
import { makePrivateFolder, writeFileAtomically } from '../control/privateFiles.ts';
import type { Log } from '../observe/log.ts';
import { learntCatalogSchema } from '../providers/modelsDev.ts';

const cachedSchema = z.object({
  /** Where it was fetched from, and the version that the server gave it. */
  url: z.string(),
  etag: z.string().optional(),
  /** When it was fetched or last confirmed as unchanged. Unix time in ms. */
  askedAt: z.number(),
  catalog: learntCatalogSchema,
});

/** The model catalog of models.dev as it was last fetched. */
export type CachedModelsDev = z.output<typeof cachedSchema>;

/** Keeps the model catalog in a file between runs. */
export type ModelsDevCache = {
  /** Undefined if there is no file, or, with a warning, if it is invalid. */
  load(): CachedModelsDev | undefined;
  /** @throws what node:fs throws. */
  save(cached: CachedModelsDev): void;
};

export function createModelsDevCache(homeDirectory: string, log: Log): ModelsDevCache {
  const folder = path.join(configFolder(homeDirectory), 'cache');
  const file = path.join(folder, 'models.dev.json');
  return {
    load() {
      try {
        return cachedSchema.parse(JSON.parse(readFileSync(file, 'utf8')));
      } catch (thrown) {
        const isAbsent = codeOf(thrown) === 'ENOENT';
        if (!isAbsent) log.warn(`${file} can't be used. Refresh the model catalog to replace it.`);
        return undefined;
      }
    },
    save(cached) {
      makePrivateFolder(folder);
      writeFileAtomically(file, JSON.stringify(cached), { mode: 0o600 });
    },
  };
}
