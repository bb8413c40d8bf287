// How long the config language takes for one keystroke in a config of 2,000 lines. Runs the sources, whose types Node strips.
import { performance } from 'node:perf_hooks';
import { complete } from '../../src/config/language/completion.ts';
import { readDocument } from '../../src/config/language/document.ts';
import { hoverAt } from '../../src/config/language/hover.ts';
import { lensesOf, linksOf } from '../../src/config/language/lenses.ts';
import { loadConfig } from '../../src/config/load.ts';
import { transformerNames } from '../../src/providers/findProvider.ts';
import { languageFacts } from '../../src/vscode/configLanguageFacts.ts';

const goalMs = 30;
const lines = 2000;
const keystrokes = 100;
const typed = '"provider-7,model-3';

/** A config of so many lines, each tenth route with a misspelt model. */
function bigConfig() {
  const providers = Array.from({ length: 60 }, (_, index) => ({
    name: `provider-${index}`,
    api_base_url: `https://host-${index}.test/v1`,
    api_key: '${KEY}',
    models: Array.from({ length: 12 }, (_, model) => `model-${model}`),
    model_info: { 'model-1': { context_window: 100_000 } },
  }));
  const presetCount = Math.ceil((lines - providers.length * 24) / 4);
  const presets = Array.from({ length: presetCount }, (_, index) => [
    `preset-${index}`,
    { route: `provider-${index % 60},model-${index % 10 === 0 ? 'x' : index % 12}`, temperature: 0.5 },
  ]);
  const Router = { default: 'provider-0,model-0', think: 'provider-1,model-1' };
  return JSON.stringify({ Providers: providers, Router, Presets: Object.fromEntries(presets) }, null, 2);
}

function quantile(values, share) {
  return values.toSorted((a, b) => a - b)[Math.floor((values.length - 1) * share)];
}

const options = {
  file: '/nowhere/config.json',
  environment: { KEY: 'k' },
  homeDirectory: '/nowhere',
  knownTransformers: transformerNames,
};

/** What the editor asks for after a key: the document, a completion, a hover, lenses and links. `check`: what it asks for in a pause. */
export async function runEditorSuite(_providerUrl, { print }) {
  const text = bigConfig();
  const start = text.indexOf('"think": ') + '"think": '.length;
  const end = text.indexOf('\n', start);
  const facts = languageFacts(options, [], []);
  const times = { key: [], check: [] };
  let problems = 0;
  for (let count = 0; count < keystrokes; count++) {
    const written = typed.slice(0, (count % typed.length) + 1);
    const edited = text.slice(0, start) + written + text.slice(end);
    const offset = start + written.length;
    const begun = performance.now();
    const document = readDocument(edited);
    complete(document, offset, facts);
    hoverAt(document, offset, facts);
    lensesOf(document);
    linksOf(document, facts);
    times.key.push(performance.now() - begun);
    const readFile = (name) => {
      if (name === options.file) return text;
      throw Object.assign(new Error('none'), { code: 'ENOENT' });
    };
    const checked = performance.now();
    problems = loadConfig({ ...options, readFile }).problems.length;
    times.check.push(performance.now() - checked);
  }
  const median = (values) => quantile(values, 0.5).toFixed(1);
  const slow = quantile(times.key, 0.95);
  print(
    `Editor: a key in a config of ${text.split('\n').length} lines takes ${median(times.key)} ms, 95 % within ${slow.toFixed(1)} ms ${slow <= goalMs ? '✔' : '✘'} goal ≤ ${goalMs} ms; the check in a pause ${median(times.check)} ms, for ${problems} problems`,
  );
  return slow <= goalMs;
}
