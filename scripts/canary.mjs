// `npm run canary`: the newest published Codex, Claude Code, OpenAI and Anthropic SDKs through the built CLI, against stand-ins. Says
// what would break, and what they send that the recorded versions did not. Needs a build and a registry.
//   npm run canary -- --only codex,claude
import { mkdirSync, readFileSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { npmOutput } from './project.mjs';
import { agentFiles, createClientFolders, runCodex } from '../test/e2e/codex.ts';
import { cli, providerEntry, startGateway, upstreamKey } from '../test/e2e/gateway.ts';
import { installClaudeCode, installCodex, installPackage } from '../test/e2e/installClients.mjs';
import { newShapes } from './canary/shapes.mjs';
import { agentAnswer, agentScript, always, turn } from '../test/upstream/scripts.ts';
import { startStandIn } from '../test/upstream/standIn.ts';

const fixtures = path.join(import.meta.dirname, '../test/fixtures');
const task = 'Create the two files';

const agents = {
  codex: {
    package: '@openai/codex',
    // A relay of the same dialect shows the client's own requests.
    provider: 'openai-responses',
    name: 'openai',
    model: 'gpt-5.6',
    protocol: 'responses',
    recorded: 'codex/codex-0.169-catalog-freeform.json',
    install: installCodex,
    arguments: [
      'codex',
      '--port',
      'PORT',
      'exec',
      '--skip-git-repo-check',
      '-s',
      'danger-full-access',
      '-m',
      'auto',
      task,
    ],
  },
  claude: {
    package: '@anthropic-ai/claude-code',
    provider: 'anthropic',
    name: 'anthropic',
    model: 'claude-opus-4-7',
    protocol: 'anthropic',
    recorded: 'claude/claude-2.1.330-parallel-tools.json',
    install: installClaudeCode,
    arguments: ['claude', '--port', 'PORT', '-p', task, '--model', 'auto', '--allowedTools', 'Bash'],
  },
};

const sdks = {
  openai: {
    package: 'openai',
    program: `import OpenAI from 'openai';
const client = new OpenAI({ baseURL: process.env.URL + '/v1', apiKey: 'k' });
const chat = await client.chat.completions.stream({ model: 'auto', messages: [{ role: 'user', content: 'Hi' }] }).finalContent();
const response = await client.responses.stream({ model: 'auto', input: 'Hi' }).finalResponse();
console.log(JSON.stringify([chat, response.output_text]));`,
    answers: 2,
  },
  anthropic: {
    package: '@anthropic-ai/sdk',
    program: `import Anthropic from '@anthropic-ai/sdk';
const client = new Anthropic({ baseURL: process.env.URL, authToken: 'k', apiKey: null });
const message = await client.messages.stream({ model: 'auto', max_tokens: 64, messages: [{ role: 'user', content: 'Hi' }] }).finalMessage();
console.log(JSON.stringify([message.content.find(({ type }) => type === 'text')?.text]));`,
    answers: 1,
  },
};

const { values } = parseArgs({ options: { only: { type: 'string', default: 'codex,claude,openai,anthropic' } } });
let broken = 0;
for (const name of values.only.split(',')) {
  const check = Object.hasOwn(agents, name) ? agents[name] : Object.hasOwn(sdks, name) ? sdks[name] : undefined;
  if (!check)
    throw new Error(
      `Nothing is called ${name}. There are: ${[...Object.keys(agents), ...Object.keys(sdks)].join(', ')}.`,
    );
  const version = JSON.parse(npmOutput(['view', check.package, 'version', '--json']));
  const { faults, news } = await (check.program === undefined ? tryAgent(check, version) : trySdk(check, version));
  if (faults.length > 0) broken += 1;
  console.log(`${faults.length === 0 ? '✔' : '✘'} ${check.package} ${version}`);
  for (const fault of faults) console.log(`    breaks: ${fault}`);
  for (const each of news) console.log(`    new: ${each}`);
}
console.log(broken === 0 ? 'Nothing would break.' : `${broken} would break.`);
process.exitCode = broken === 0 ? 0 : 1;

/** A whole tool loop through `ccr codex` or `ccr claude`. */
async function tryAgent(agent, version) {
  const binary = await agent.install(version);
  const standIn = await startStandIn({ provider: agent.provider, script: agentScript(), apiKey: upstreamKey });
  const config = {
    Providers: [providerEntry(agent.name, standIn, [agent.model], { protocol: agent.protocol })],
    Router: { default: `${agent.name},${agent.model}` },
  };
  const gateway = await startGateway(config);
  const folders = createClientFolders(path.join(tmpdir(), 'ccr-canary'));
  try {
    const bin = path.join(folders.root, 'bin');
    mkdirSync(bin);
    symlinkSync(binary, path.join(bin, agent.arguments[0]));
    const environment = {
      PATH: [bin, process.env.PATH].join(path.delimiter),
      CODEX_HOME: path.join(folders.home, '.codex'),
      CLAUDE_CONFIG_DIR: path.join(folders.home, '.claude'),
      CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
      CLAUDE_CODE_MAX_RETRIES: '1',
    };
    const args = agent.arguments.map((each) => (each === 'PORT' ? String(gateway.port) : each));
    const { workspace } = folders;
    const run = await runCodex({
      binary: cli,
      args,
      environment,
      workspace,
      home: gateway.folders.home,
      timeoutMs: 90_000,
    });
    return { faults: agentFaults(run, workspace, standIn), news: newsOf(standIn, agent.recorded) };
  } finally {
    folders.remove();
    await gateway.stop();
    await standIn.close();
  }
}

function agentFaults(run, workspace, { requests }) {
  const files = agentFiles(workspace);
  return [
    ...(run.code === 0 ? [] : [`it ends with ${run.code}: ${run.stderr.trim().slice(-400)}`]),
    ...(run.stdout.includes(agentAnswer) ? [] : ['it does not show the answer']),
    ...(files.shell === 'hello-from-shell\n' ? [] : ['its tool did not run']),
    ...(files.patched === 'hello-from-patch\n' ? [] : ['its second call (a patch) did not run']),
    ...(/metadata for .* not found/i.test(run.stderr) ? ['it does not read our catalog'] : []),
    ...requests.flatMap(({ refusal }) => (refusal ? [`a strict provider refuses its request: ${refusal}`] : [])),
  ];
}

/** What its requests have that the recorded ones do not: fields, headers, kinds of items, tools. */
function newsOf({ requests }, recorded) {
  const known = JSON.parse(readFileSync(path.join(fixtures, recorded), 'utf8'));
  return newShapes(
    requests.map(({ body, headers }) => ({ body, headers })),
    known,
  );
}

async function trySdk(sdk, version) {
  const folder = await installPackage(sdk.package, version);
  const standIn = await startStandIn({
    provider: 'openai-chat',
    script: always(turn({ text: 'Hello.' })),
    apiKey: upstreamKey,
  });
  const gateway = await startGateway({
    Providers: [providerEntry('some', standIn, ['m'])],
    Router: { default: 'some,m' },
  });
  const folders = createClientFolders(path.join(tmpdir(), 'ccr-canary'));
  try {
    const { workspace, home } = folders;
    symlinkSync(folder, path.join(workspace, 'node_modules'));
    const args = ['--input-type=module', '-e', sdk.program];
    const run = await runCodex({ binary: process.execPath, args, environment: { URL: gateway.url }, workspace, home });
    const expected = JSON.stringify(Array.from({ length: sdk.answers }, () => 'Hello.'));
    const isRight = run.code === 0 && run.stdout.trim() === expected;
    return {
      faults: isRight ? [] : [`its helpers do not read our streams: ${(run.stderr || run.stdout).trim().slice(-400)}`],
      news: [],
    };
  } finally {
    folders.remove();
    await gateway.stop();
    await standIn.close();
  }
}
