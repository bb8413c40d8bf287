/** The first of the list with the name. A plain loop: requests look up their provider a dozen times. */
export function findNamed<T extends { name: string }>(list: readonly T[], name: string | undefined): T | undefined {
  for (const each of list) if (each.name === name) return each;
  return undefined;
}

/** Those that pass, and the others. */
export function partition<T>(items: readonly T[], test: (item: T) => boolean): [T[], T[]] {
  const [passing, failing]: [T[], T[]] = [[], []];
  for (const item of items) (test(item) ? passing : failing).push(item);
  return [passing, failing];
}
