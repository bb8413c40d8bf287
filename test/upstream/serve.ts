// A stand-in as a process of its own:
//   node test/upstream/serve.ts --provider deepseek --port 4010 --log requests.jsonl [--script agent] [--api-key KEY]
// Prints one JSON line when it listens. Each request becomes a JSON line in the log.

import { appendFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { agentScript, always, chatScript, parallelAgentScript } from './scripts.ts';
import { providerNames, startStandIn } from './standIn.ts';
import type { Script } from './turn.ts';

const scripts: Record<string, () => Script> = {
  agent: agentScript,
  'parallel-agent': parallelAgentScript,
  chat: chatScript,
  empty: () => always({ kind: 'empty' }),
  hang: () => always({ kind: 'hang' }),
  overloaded: () => always({ kind: 'refuse', status: 503 }),
  'rate-limited': () => always({ kind: 'refuse', status: 429, headers: { 'retry-after': '1' } }),
};

const { values } = parseArgs({
  options: {
    provider: { type: 'string', default: 'openai-chat' },
    port: { type: 'string', default: '0' },
    log: { type: 'string' },
    script: { type: 'string', default: 'agent' },
    'api-key': { type: 'string' },
  },
});

const provider = providerNames.find((name) => name === values.provider);
const script = scripts[values.script];
if (provider === undefined || script === undefined) {
  process.stderr.write(`Providers: ${providerNames.join(', ')}. Scripts: ${Object.keys(scripts).join(', ')}.\n`);
  process.exit(2);
}

const { log } = values;
// No top-level await: the suite in the VS Code host bundles this as CommonJS.
void startStandIn({
  provider,
  script: script(),
  port: Number(values.port),
  ...(values['api-key'] === undefined ? {} : { apiKey: values['api-key'] }),
  onRequest: ({ method, path, headers, body, replays, refusal }) => {
    if (log !== undefined)
      appendFileSync(log, `${JSON.stringify({ method, path, headers, body, replays, refusal })}\n`);
  },
}).then((standIn) => {
  process.stdout.write(`${JSON.stringify({ ready: true, provider, url: standIn.url })}\n`);
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => void standIn.close().then(() => process.exit(0)));
  }
});
