// What VS Code has to load before the extension is active. Time depends on the machine, so this counts what takes it.
import { build, type BuildOptions, type Metafile } from 'esbuild';
import { beforeAll, describe, expect, it } from 'vitest';
import { extensionOptions } from '../../../scripts/bundle/extension.mjs';

/** Bytes of code, minified. It was 541 KB, which took half of the time that an activation may take. */
const budget = 84 * 1024;
/** Files: each costs a look-up and a read. */
const mostFiles = 18;

/** What only a command, an editor, a page or the gateway's thread needs. */
const onDemand = [
  /node_modules\//,
  /^src\/(?:capture|dialects|doctor|providers|reasoning|server|transformers)\//,
  /^src\/config\/(?:load|schema|check|parse|language\/.*)\.ts$/,
  /^src\/clients\/(?!sharedScope\.ts$)/,
  /^src\/control\/(?:api|modelTests)\.ts$/,
  /^src\/vscode\/(?:handlers|windowHandlers|addProvider|connect\w+|switchPreset|testModel|configLanguage|configTemplate)\.ts$/,
  /^src\/vscode\/dashboard\/(?:dashboardPages|page|pageTexts|protocol|session)\.ts$/,
];

type Outputs = Metafile['outputs'];

/** The first bundle and what it imports, at once or later. */
function reach(outputs: Outputs, kinds: readonly string[]): string[] {
  const found = new Set<string>();
  const follow = (file: string): void => {
    if (found.has(file) || !outputs[file]) return;
    found.add(file);
    for (const { path, kind } of outputs[file].imports) if (kinds.includes(kind)) follow(path);
  };
  follow('dist/extension.js');
  return [...found];
}

function modules(outputs: Outputs, files: readonly string[]): string[] {
  return files.flatMap((file) =>
    Object.entries(outputs[file]?.inputs ?? {}).flatMap(([name, { bytesInOutput }]) => (bytesInOutput > 0 ? name : [])),
  );
}

describe('at activation', () => {
  let outputs: Outputs;
  let first: string[];
  beforeAll(async () => {
    const options = { ...(extensionOptions as BuildOptions), write: false, metafile: true };
    outputs = (await build(options)).metafile?.outputs ?? {};
    first = reach(outputs, ['import-statement']);
  });

  it('loads no module that is needed later only', () => {
    const isLate = (name: string): boolean => onDemand.some((pattern) => pattern.test(name));
    const everything = modules(outputs, reach(outputs, ['import-statement', 'dynamic-import']));
    // Each pattern still names something.
    for (const pattern of onDemand)
      expect(
        everything.some((name) => pattern.test(name)),
        String(pattern),
      ).toBe(true);
    expect(modules(outputs, first).filter(isLate)).toEqual([]);
  });

  it('loads few bytes from few files', () => {
    const bytes = first.reduce((sum, file) => sum + (outputs[file]?.bytes ?? 0), 0);
    expect(bytes).toBeGreaterThan(40 * 1024);
    expect(bytes).toBeLessThan(budget);
    expect(first.length).toBeLessThanOrEqual(mostFiles);
  });
});
