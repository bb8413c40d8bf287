import { readFileSync } from 'node:fs';
import path from 'node:path';
import * as z from 'zod';
import { codeOf, configFolder } from '../config/files.ts';
import { makePrivateFolder, writeFileAtomically } from '../control/privateFiles.ts';
import type { Log } from '../observe/log.ts';
import { learntCatalogSchema } from '../providers/modelsDev.ts';

const learntSchema = z.object({
  /** Where it is from, and the version that its server gave it. */
  url: z.string(),
  etag: z.string().optional(),
  /** Unix time in ms. */
  askedAt: z.number(),
  catalog: learntCatalogSchema,
});

/** What models.dev said, and when. */
export type Learnt = z.output<typeof learntSchema>;

/** What we keep of models.dev between runs. */
export type LearntStore = {
  /** Undefined when there is none; a file that can't be read is told of and left alone. */
  load(): Learnt | undefined;
  /** @throws what node:fs throws. */
  save(learnt: Learnt): void;
};

export function createLearntStore(homeDirectory: string, log: Log): LearntStore {
  const folder = path.join(configFolder(homeDirectory), 'cache');
  const file = path.join(folder, 'models.dev.json');
  return {
    load() {
      try {
        return learntSchema.parse(JSON.parse(readFileSync(file, 'utf8')));
      } catch (thrown) {
        const isAbsent = codeOf(thrown) === 'ENOENT';
        if (!isAbsent) log.warn(`${file} can't be used; refresh the model catalog to have it anew.`);
        return undefined;
      }
    },
    save(learnt) {
      makePrivateFolder(folder);
      writeFileAtomically(file, JSON.stringify(learnt), { mode: 0o600 });
    },
  };
}
