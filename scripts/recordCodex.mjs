// Records the requests of the real Codex CLIs, into test/fixtures/codex: each scenario runs a CLI against one of our
// stand-ins, so that the recordings hold whole tool loops. Run it by hand when the pinned Codex changes:
//   node scripts/recordCodex.mjs [name of one recording]
// Paths, ids, dates and keys become neutral ones, and long prompt texts are cut with a marker; the structure is untouched.
import { mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { createClientFolders, execFlags, pinnedCodex, runCodex } from '../test/e2e/codex.ts';
import { installCodex } from '../test/e2e/installClients.mjs';
import { runInTerminal } from '../test/e2e/terminal.ts';
import { agentScript, chatScript } from '../test/upstream/scripts.ts';
import { startStandIn } from '../test/upstream/standIn.ts';

const fixtures = fileURLToPath(new URL('../test/fixtures/codex/', import.meta.url));
const catalog = path.join(fixtures, 'catalog.json');
const old = '0.80.0';
const pinned = '0.169.0';
const longestText = 400;
const longestDescription = 160;

/** A red dot, for the scenario with an image. */
const pixel = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg==';

const scenarios = {
  'codex-0.169-unknown-model': { version: pinned, provider: 'openai-responses', runs: [['-m', 'glm-5']] },
  'codex-0.169-catalog-freeform': {
    version: pinned,
    provider: 'openai-responses',
    runs: [['-m', 'glm-5', ...catalogFlag()]],
  },
  'codex-0.169-catalog-lite': {
    version: pinned,
    provider: 'openai-responses',
    runs: [['-m', 'lite-model', ...catalogFlag()]],
  },
  'codex-0.169-catalog-code-mode': {
    version: pinned,
    provider: 'openai-responses',
    script: chatScript(),
    runs: [['-m', 'code-model', ...catalogFlag()]],
  },
  'codex-0.169-resumed': {
    version: pinned,
    provider: 'openai-responses',
    runs: [
      ['-m', 'glm-5', ...catalogFlag()],
      ['resume', '--last', '-m', 'glm-5', ...catalogFlag()],
    ],
    keepOnly: 'last run',
  },
  'codex-0.169-image': {
    version: pinned,
    provider: 'openai-responses',
    script: chatScript(),
    runs: [['-m', 'glm-5', ...catalogFlag(), '-i', 'dot.png', '--']],
  },
  'codex-0.169-terminal': {
    version: pinned,
    provider: 'openai-responses',
    script: chatScript(),
    terminal: true,
    runs: [['-m', 'glm-5', ...catalogFlag()]],
  },
  'codex-0.80-responses': { version: old, provider: 'openai-responses', byEnvironment: true, runs: [[]] },
  'codex-0.80-chat': { version: old, provider: 'deepseek', wireApi: 'chat', runs: [['-m', 'deepseek-chat']] },
  'codex-0.80-chat-silent-call': {
    version: old,
    provider: 'deepseek',
    wireApi: 'chat',
    script: agentScript({ remark: '' }),
    runs: [['-m', 'deepseek-chat']],
  },
};

function catalogFlag() {
  return ['-c', `model_catalog_json=${JSON.stringify(catalog)}`];
}

for (const [name, scenario] of Object.entries(scenarios)) {
  if (process.argv[2] === undefined || process.argv[2] === name) await record(name, scenario);
}

async function record(name, scenario) {
  const standIn = await startStandIn({
    provider: scenario.provider,
    script: scenario.script ?? agentScript(),
    lenient: true,
  });
  const parent = realpathSync(mkdtempSync('/var/tmp/ccr-record-'));
  const folders = createClientFolders(parent);
  try {
    let requests = [];
    for (const extra of scenario.runs) {
      const before = standIn.requests.length;
      await runOnce(scenario, standIn.url, folders, extra);
      requests = scenario.keepOnly === undefined ? standIn.requests : standIn.requests.slice(before);
    }
    save(name, scenario, requests, folders);
  } finally {
    await standIn.close();
    rmSync(parent, { recursive: true, force: true });
  }
}

async function runOnce(scenario, url, { home, workspace }, extra) {
  const binary = scenario.version === old ? await installCodex(old) : pinnedCodex();
  writeFileSync(path.join(workspace, 'dot.png'), Buffer.from(pixel, 'base64'));
  const provider = `{name="Recorder",base_url="${url}",env_key="RECORDER_KEY",wire_api="${scenario.wireApi ?? 'responses'}"}`;
  const flags = scenario.byEnvironment
    ? []
    : ['-c', 'model_provider="recorder"', '-c', `model_providers.recorder=${provider}`];
  const environment = scenario.byEnvironment
    ? { OPENAI_BASE_URL: url, CODEX_API_KEY: 'a-key' }
    : { RECORDER_KEY: 'a-key' };
  if (scenario.terminal)
    return interactive({ binary, args: [...flags, ...extra, 'What is 15 * 23?'], environment, home, workspace });
  const args = [...execFlags, ...flags, ...extra, 'Create the two files'];
  const run = await runCodex({ binary, args, environment, home, workspace });
  console.log(`${scenario.version} ${extra.join(' ')}: exit ${run.code}, ${run.stdout.trim().slice(0, 80)}`);
}

/** The interactive client, which asks for a title of the thread beside the turn itself. */
async function interactive({ binary, args, environment, home, workspace }) {
  writeFileSync(
    path.join(home, '.codex', 'config.toml'),
    `[projects.${JSON.stringify(workspace)}]\ntrust_level = "trusted"\n`,
  );
  const command = [process.execPath, binary, ...args].map((each) => `'${each}'`).join(' ');
  const screen = await runInTerminal({ command, environment, home, workspace, until: /\]0;A short text/ });
  console.log(`on a terminal: ${screen.includes(']0;A short text')}`);
}

function save(name, scenario, requests, folders) {
  const recording = {
    client: `@openai/codex ${scenario.version}`,
    recordedBy: `node scripts/recordCodex.mjs ${name}`,
    requests: requests.map(({ method, path: url, headers, body }) => ({
      method,
      path: url,
      headers: keep(headers),
      body: shorten(body),
    })),
  };
  writeFileSync(path.join(fixtures, `${name}.json`), neutral(JSON.stringify(recording, null, 2), folders));
}

function keep({ 'content-length': _length, connection: _connection, ...headers }) {
  return { ...headers, ...(headers.authorization && { authorization: 'Bearer REDACTED' }), host: '127.0.0.1:3456' };
}

/** Cuts prose; a grammar, arguments, reasoning and whatever a tool gave back stay whole. */
function shorten(value, key = '') {
  if (Array.isArray(value)) return value.map((each) => shorten(each, key));
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([name, each]) => [name, shorten(each, name)]));
  }
  if (typeof value !== 'string') return value;
  const limit = { text: longestText, content: longestText, instructions: longestText, description: longestDescription }[
    key
  ];
  if (limit === undefined || value.length <= limit) return value;
  return `${value.slice(0, limit)} [cut by recordCodex.mjs: ${value.length - limit} more characters]`;
}

function neutral(text, { root, home, workspace }) {
  const ids = new Map();
  const number = (id) => {
    if (!ids.has(id)) ids.set(id, `00000000-0000-7000-8000-${String(ids.size + 1).padStart(12, '0')}`);
    return ids.get(id);
  };
  return `${text}\n`
    .replaceAll(workspace, '/workspace')
    .replaceAll(home, '/home/user')
    .replaceAll(root, '/home')
    .replaceAll(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g, number)
    .replaceAll(/\/(?:tmp|var\/tmp)\/[\w./-]+/g, '/temporary')
    .replaceAll(/\([A-Z][A-Za-z]+ [\d.]+; (?:x86_64|aarch64|arm64)\)/g, '(Linux; x86_64)')
    .replaceAll(/Chunk ID: [0-9a-f]+/g, 'Chunk ID: 000000')
    .replaceAll(/<current_date>[\d-]+/g, '<current_date>2026-01-01')
    .replaceAll(/<timezone>[^<]+/g, '<timezone>Etc/UTC')
    .replaceAll(/(turn_started_at_unix_ms\\+":)\d+/g, '$11767225600000');
}
