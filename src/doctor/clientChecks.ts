import { wording } from '../canonical/wording.ts';
import { isCodexConnected } from '../clients/codexConfig.ts';
import { finding, type ClientFact, type DoctorFacts, type Finding } from './facts.ts';

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
    const fix = wording('Install it: {0}', install);
    return [finding({ id: `${id}-missing`, severity }, wording('{0} is not in PATH.', name), fix)];
  }
  const [oldest, newest] = tested[id];
  if (version === undefined) return [];
  if (isOlder(version, oldest)) {
    const said = wording(
      '{0} {1} is older than any version that CCR is tested with ({2} to {3}).',
      name,
      version,
      oldest,
      newest,
    );
    return [finding({ id: `${id}-old`, severity }, said, wording('Update it: {0}', install))];
  }
  if (isOlder(newest, version)) {
    const said = wording(
      '{0} {1} is newer than the versions that CCR is tested with (up to {2}).',
      name,
      version,
      newest,
    );
    const fix = wording('If it fails, update CCR, or install {0} {1}.', name, newest);
    return [finding({ id: `${id}-new`, severity }, said, fix)];
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
  const running = port.kind === 'ccr' ? port.state.url : undefined;
  if (running !== undefined && URL.parse(url)?.host !== URL.parse(running)?.host) {
    const said = wording('This terminal was set up for {0}, but the gateway runs at {1}.', url, running);
    return [finding({ id: 'stale-terminal', severity }, said, wording('Open a new terminal.'))];
  }
  const base = environment['OPENAI_BASE_URL'];
  if (base !== undefined && !isWithin(base, url)) {
    const said = [
      wording('OPENAI_BASE_URL is {0}, so OpenAI clients in this terminal do not use CCR.', base),
      wording('A start-up file of the shell may set it.'),
    ];
    const fix = wording('Remove it from the start-up file, then open a new terminal.');
    return [finding({ id: 'base-url', severity }, said, fix)];
  }
  if (environment['CCR_SCOPE'] === undefined) return [];
  return shimmed.flatMap(({ id, client, variable, effect }) => {
    // With the URL of ours but without our shim, a start-up file has replaced the PATH. With neither, the client is not to use CCR.
    const isLost = shims[client] === 'missing' && isWithin(environment[variable], url);
    if (shims[client] !== 'behind' && !isLost) return [];
    const said = isLost
      ? wording('The {0} of CCR is not in PATH, {1}.', client, effect)
      : wording('Another {0} comes before the one of CCR in PATH, {1}.', client, effect);
    const fix = wording('Let the start-up file of your shell append to PATH, or run "ccr {0}".', client);
    return [finding({ id, severity }, said, fix)];
  });
}

/** The clients that terminals run through a shim: the finding's id, the variable that is set with it, and what happens without it. */
const shimmed = [
  {
    id: 'shim',
    client: 'codex',
    variable: 'OPENAI_BASE_URL',
    effect: wording('so Codex in this terminal does not use CCR'),
  },
  {
    id: 'claude-shim',
    client: 'claude',
    variable: 'ANTHROPIC_BASE_URL',
    effect: wording('so Claude Code in this terminal is not set up by CCR'),
  },
] as const;

function isWithin(base: string | undefined, url: string): boolean {
  return base?.startsWith(url.replace(/\/v1\/?$/, '')) ?? false;
}

/** Codex's own config file, after `ccr connect codex`. */
export function checkCodexConfig({ codexConfig, isCodexRecorded, port, tokenHelper }: DoctorFacts): Finding[] {
  const severity = 'warning';
  const command = 'ccr.connectCodex';
  const fix = wording('Connect Codex again: {0}', 'ccr connect codex --yes');
  const isConnected = codexConfig !== undefined && isCodexConnected(codexConfig);
  if (isCodexRecorded && !isConnected) {
    const said = wording("CCR was added to Codex's config, but that was changed since.");
    return [finding({ id: 'codex-config', severity, command }, said, fix)];
  }
  if (!isConnected) return [];
  const running = port.kind === 'ccr' ? port.state.url : undefined;
  if (running !== undefined && !codexConfig.includes(`"${running}/`)) {
    const said = wording("Codex's config names another gateway than the one at {0}.", running);
    return [finding({ id: 'codex-url', severity, command }, said, fix)];
  }
  if (tokenHelper === undefined) {
    const said = wording('The program that hands the token to Codex is missing.');
    return [finding({ id: 'codex-helper', severity, command }, said, fix)];
  }
  return [];
}
