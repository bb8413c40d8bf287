// Measures the memory that a big request costs: `node test/bench/bigBody.mjs`. Each figure is from a fresh process: the peak
// resident memory while one body is read, translated and sent (VmHWM), minus the resident memory before (VmRSS), as a
// multiple of the body's size. "bare" parses, maps and stringifies it, which is the minimum for any translation.
// Needs Linux.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';

const bodyBytes = 3.5e6;
const chunkBytes = 64 * 1024;
const rounds = 3;

const alphabets = {
  ASCII: 'const value = items.map((item) => item.name);\n',
  CJK: '在每個請求中，模型會讀取整段對話的內容。\n',
};
const goals = { ASCII: 10, CJK: 14 };

const providers = {
  'to Chat Completions': { name: 'deepseek', api_base_url: 'https://api.deepseek.com', protocol: 'openai' },
  'to Messages': { name: 'some', api_base_url: 'http://provider.test/v1', protocol: 'anthropic' },
  'to Responses, relayed': { name: 'openai', api_base_url: 'https://api.openai.com/v1', protocol: 'responses' },
};

/** A recorded turn of Codex, with tool calls and results added until it is as big as wanted. */
function makeBody(alphabet) {
  const fixture = new URL('../fixtures/codex/codex-0.169-catalog-freeform.json', import.meta.url);
  const { requests } = JSON.parse(readFileSync(fixture, 'utf8'));
  const { body } = requests.find((request) => Array.isArray(request.body?.input));
  const filler = alphabets[alphabet];
  let bytes = Buffer.byteLength(JSON.stringify(body));
  for (let turn = 0; bytes < bodyBytes; turn++) {
    const output = filler.repeat(40 + ((turn * 37) % 200));
    const items = [
      {
        type: 'reasoning',
        id: `rs_${turn}`,
        summary: [],
        content: [{ type: 'reasoning_text', text: filler.repeat(8) }],
      },
      {
        type: 'function_call',
        call_id: `call_${turn}`,
        name: 'exec_command',
        arguments: JSON.stringify({ cmd: `sed -n ${turn}p a` }),
      },
      { type: 'function_call_output', call_id: `call_${turn}`, output },
    ];
    body.input.push(...items);
    bytes += Buffer.byteLength(JSON.stringify(items));
  }
  return { ...body, stream: false };
}

function status(name) {
  return 1024 * Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(readFileSync('/proc/self/status', 'utf8'))[1]);
}

/** Peak resident memory while `act` runs, minus the resident memory before. Bytes. */
async function peakOf(act) {
  // Resets the peak to the current resident memory.
  writeFileSync('/proc/self/clear_refs', '5');
  const before = status('VmRSS');
  await act();
  return status('VmHWM') - before;
}

function bare(bytes) {
  const { input, ...rest } = JSON.parse(bytes.toString('utf8'));
  return Buffer.from(JSON.stringify({ ...rest, input: input.map((item) => ({ ...item })) }));
}

/** The whole path, from the bytes of the client's request to the bytes for the provider. */
async function openGateway(provider) {
  const { createGatewayBench, replyWith } = await import('../support/gatewayBench.ts');
  const { readJsonBody } = await import('../../src/server/body.ts');
  const config = { Providers: [{ ...provider, models: ['m'] }], Router: { default: `${provider.name},m` } };
  const answers = {
    openai: { choices: [{ message: { role: 'assistant', content: 'Hi' }, finish_reason: 'stop' }] },
    anthropic: { type: 'message', content: [{ type: 'text', text: 'Hi' }], stop_reason: 'end_turn' },
    responses: { status: 'completed', output: [{ type: 'message', content: [{ type: 'output_text', text: 'Hi' }] }] },
  };
  const { ask } = createGatewayBench(config, ({ body }) => {
    // undici encodes a string body the same way.
    if (Buffer.from(body).length === 0) throw new Error('Nothing was sent');
    return Promise.resolve(replyWith(200, answers[provider.protocol]));
  });
  return async (bytes) => {
    const chunks = Array.from({ length: Math.ceil(bytes.length / chunkBytes) }, (_, index) =>
      bytes.subarray(index * chunkBytes, (index + 1) * chunkBytes),
    );
    const request = Object.assign(Readable.from(chunks), { headers: {} });
    const { done, received } = ask({ dialect: 'openai-responses', client: 'codex', body: await readJsonBody(request) });
    await done;
    if (received.status !== 200) throw new Error(received.text);
  };
}

async function measure(path, file) {
  const act = path === 'bare' ? bare : await openGateway(providers[path]);
  // A small request first, so that lazy loading and compilation are not measured.
  await act(readFileSync(`${file}.small`));
  // Created in another process: the free heap left behind here would hide what is measured.
  const bytes = readFileSync(file);
  globalThis.gc?.();
  return (await peakOf(() => act(bytes))) / bytes.length;
}

function writeBodies(folder, alphabet) {
  const file = join(folder, alphabet);
  const body = makeBody(alphabet);
  writeFileSync(file, JSON.stringify(body));
  writeFileSync(`${file}.small`, JSON.stringify({ ...body, input: body.input.slice(0, 12) }));
  return file;
}

function measureApart(path, file) {
  const command = [
    '--expose-gc',
    '--disable-warning=MODULE_TYPELESS_PACKAGE_JSON',
    fileURLToPath(import.meta.url),
    path,
    file,
  ];
  return Number(execFileSync(process.execPath, command, { encoding: 'utf8' }));
}

function compareAll(folder) {
  for (const alphabet of Object.keys(alphabets)) {
    const file = writeBodies(folder, alphabet);
    for (const path of ['bare', ...Object.keys(providers)]) {
      const ratios = Array.from({ length: rounds }, () => measureApart(path, file));
      const isOver = path !== 'bare' && Math.max(...ratios) >= goals[alphabet];
      if (isOver) process.exitCode = 1;
      const all = ratios.map((ratio) => ratio.toFixed(1)).join(', ');
      console.log(
        `${alphabet.padEnd(5)} ${path.padEnd(22)} ${all}${isOver ? ` (the goal is ${goals[alphabet]})` : ''}`,
      );
    }
  }
}

const [path, file] = process.argv.slice(2);
if (path && file) {
  console.log(await measure(path, file));
} else {
  const folder = mkdtempSync(join(tmpdir(), 'ccr-bench-'));
  console.log(`Peak memory as a multiple of a body of ${bodyBytes / 1e6} MB, ${rounds} times each:`);
  try {
    compareAll(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}
