import { isCodexConnected } from '../clients/codexConfig.ts';
import type { ClientFact, DoctorFacts, Finding } from './facts.ts';

/** The versions that the tests run, oldest and newest (test/e2e). */
const tested = { codex: ['0.80.0', '0.171.0'], claude: ['2.1.330', '2.1.332'] } as const;

export function checkCodexVersion(facts: DoctorFacts): Finding[] {
  return checkVersion('codex', 'Codex', facts.codex, 'npm install -g @openai/codex');
}

export function checkClaudeVersion(facts: DoctorFacts): Finding[] {
  // Not everybody has it.
  if (facts.claude.file === undefined) return [];
  return checkVersion('claude', 'Claude Code', facts.claude, 'npm install -g @anthropic-ai/claude-code');
}

function checkVersion(id: 'codex' | 'claude', name: string, { file, version }: ClientFact, install: string): Finding[] {
  const severity = 'warning';
  if (file === undefined) {
    return [{ id: `${id}-missing`, severity, message: `${name} is not in PATH.`, fix: `Install it: ${install}` }];
  }
  const [oldest, newest] = tested[id];
  if (version === undefined) return [];
  if (isOlder(version, oldest)) {
    const message = `${name} ${version} is older than any version that CCR is tested with (${oldest} to ${newest}).`;
    return [{ id: `${id}-old`, severity, message, fix: `Update it: ${install}` }];
  }
  if (isOlder(newest, version)) {
    const message = `${name} ${version} is newer than the versions that CCR is tested with (up to ${newest}).`;
    return [{ id: `${id}-new`, severity, message, fix: `If it fails, update CCR, or install ${name} ${newest}.` }];
  }
  return [];
}

function isOlder(version: string, than: string): boolean {
  const [left, right] = [version, than].map((text) => text.split(/[.-]/).slice(0, 3).map(Number));
  for (const [index, part] of (left ?? []).entries()) {
    const other = right?.[index] ?? 0;
    if (part !== other) return part < other;
  }
  return false;
}

/** The variables of the terminal in which the doctor runs. */
export function checkTerminal({ environment, port, shims }: DoctorFacts): Finding[] {
  const url = environment['CCR_URL'];
  if (url === undefined) return [];
  const severity = 'warning';
  const fix = 'Open a new terminal.';
  const running = port.kind === 'ccr' ? port.state.url : undefined;
  if (running !== undefined && URL.parse(url)?.host !== URL.parse(running)?.host) {
    const message = `This terminal was set up for ${url}, but the gateway runs at ${running}.`;
    return [{ id: 'stale-terminal', severity, message, fix }];
  }
  const base = environment['OPENAI_BASE_URL'];
  if (base !== undefined && !isWithin(base, url)) {
    const message = `OPENAI_BASE_URL is ${base}, so OpenAI clients in this terminal do not use CCR. A start-up file of the shell may set it.`;
    return [{ id: 'base-url', severity, message, fix: 'Remove it from the start-up file, then open a new terminal.' }];
  }
  if (environment['CCR_SCOPE'] === undefined) return [];
  return shimmed.flatMap(({ id, client, variable, effect }) => {
    // With the URL of ours but without our shim, a start-up file has replaced the PATH. With neither, the client is not to use CCR.
    const isLost = shims[client] === 'missing' && isWithin(environment[variable], url);
    if (shims[client] !== 'behind' && !isLost) return [];
    const place = isLost
      ? `The ${client} of CCR is not in PATH`
      : `Another ${client} comes before the one of CCR in PATH`;
    const fix = `Let the start-up file of your shell append to PATH, or run "ccr ${client}".`;
    return [{ id, severity, message: `${place}, ${effect}.`, fix }];
  });
}

/** The clients that terminals run through a shim: the finding's id, the variable that is set with it, and what happens without it. */
const shimmed = [
  { id: 'shim', client: 'codex', variable: 'OPENAI_BASE_URL', effect: 'so Codex in this terminal does not use CCR' },
  {
    id: 'claude-shim',
    client: 'claude',
    variable: 'ANTHROPIC_BASE_URL',
    effect: 'so Claude Code in this terminal is not set up by CCR',
  },
] as const;

function isWithin(base: string | undefined, url: string): boolean {
  return base?.startsWith(url.replace(/\/v1\/?$/, '')) ?? false;
}

/** Codex's own config file, after `ccr connect codex`. */
export function checkCodexConfig({ codexConfig, isCodexRecorded, port, tokenHelper }: DoctorFacts): Finding[] {
  const severity = 'warning';
  const connect = { fix: 'Connect Codex again: ccr connect codex --yes', command: 'ccr.connectCodex' };
  const isConnected = codexConfig !== undefined && isCodexConnected(codexConfig);
  if (isCodexRecorded && !isConnected) {
    const message = "CCR was added to Codex's config, but that was changed since.";
    return [{ id: 'codex-config', severity, message, ...connect }];
  }
  if (!isConnected) return [];
  const running = port.kind === 'ccr' ? port.state.url : undefined;
  if (running !== undefined && !codexConfig.includes(`"${running}/`)) {
    return [
      {
        id: 'codex-url',
        severity,
        message: `Codex's config names another gateway than the one at ${running}.`,
        ...connect,
      },
    ];
  }
  if (tokenHelper === undefined) {
    return [
      { id: 'codex-helper', severity, message: 'The program that hands the token to Codex is missing.', ...connect },
    ];
  }
  return [];
}
