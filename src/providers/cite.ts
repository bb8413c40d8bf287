/** A sentence for users about what CCR does for a provider. docs/providers.md is generated from these. */
export type Statement = { change: string };

/**
 * Adds the source of a statement: an issue as `repository#number`, a page of the provider, a fixture, or a section of
 * docs/reference as `providers.md, "Section"`. A statement without evidence says that it is a precaution.
 */
export type Cited<Told extends Statement> = Told & { source: string };

export function cite<Told extends Statement>(source: string, told: Told): Cited<Told> {
  return { ...told, source };
}
