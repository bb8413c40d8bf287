import * as z from 'zod';

const manifestSchema = z.object({ repository: z.object({ url: z.string() }) });

/** Where a new report is written, by package.json; undefined if that names no repository. */
export function issuePageOf(manifest: unknown): string | undefined {
  const { data } = manifestSchema.safeParse(manifest);
  return data && `${data.repository.url.replace(/\.git$/, '')}/issues/new`;
}
