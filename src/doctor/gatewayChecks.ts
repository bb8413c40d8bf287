import { bindingProblem } from '../config/access.ts';
import type { Problem } from '../config/problems.ts';
import type { DoctorFacts, Finding } from './facts.ts';

const leastNode = [22, 19] as const;

export function checkNode({ nodeVersion }: DoctorFacts): Finding[] {
  const [major = 0, minor = 0] = nodeVersion.split('.').map(Number);
  if (major > leastNode[0] || (major === leastNode[0] && minor >= leastNode[1])) return [];
  const message = `Node ${nodeVersion} is too old: ccr needs ${leastNode.join('.')} or newer.`;
  return [{ id: 'node', severity: 'error', message, fix: 'Install a current Node.' }];
}

export function checkConfigFile({ config, port }: DoctorFacts): Finding[] {
  const errors = config.problems.filter(({ severity }) => severity === 'error').map(describe);
  const fix = `Correct ${config.file}. "ccr validate" lists all problems.`;
  const command = 'ccr.openConfig';
  if (!config.usable) {
    return [
      { id: 'config-unusable', severity: 'error', message: errors[0] ?? `${config.file} can't be used.`, fix, command },
    ];
  }
  const binding = bindingProblem(config.config.HOST, config.access);
  if (binding) {
    return [{ id: 'host', severity: 'error', message: binding.message, fix, command }];
  }
  if (config.source === 'demo') {
    const message = `There is no config at ${config.file}: the built-in demo answers, not a model.`;
    return [{ id: 'config-missing', severity: 'error', message, fix: 'Add a provider.', command: 'ccr.addProvider' }];
  }
  // A provider that only lacks its key is reported as that, below.
  const lacking = config.providers.filter((provider) => !provider.enabled && provider.needsKey === true);
  const keyless = lacking.filter(({ name }) => !isOnInGateway(port, name));
  // Those with an error of their own are named by it.
  const off = config.problems.filter(({ code, severity, path }) => {
    return severity === 'warning' && code === 'invalid-value' && path?.startsWith('Providers[');
  });
  return [
    ...[...errors, ...off.map(describe)].map((message): Finding => ({
      id: 'config',
      severity: 'error',
      message,
      fix,
      command,
    })),
    ...keyless.map(({ name }): Finding => ({
      id: 'key-missing',
      severity: 'error',
      message: `The provider ${name} is off: it has no API key.`,
      fix: `Set the variable that its api_key names, or store the key with "CCR: Set Provider API Key".`,
      command: 'ccr.setProviderApiKey',
      argument: name,
    })),
  ];
}

/** With its place first. The finding says how bad it is. */
function describe({ file, line, column, message }: Problem): string {
  const place = [file, line, column].filter((part) => part !== undefined).join(':');
  return place === '' ? message : `${place}: ${message}`;
}

/** The running gateway may have keys from VS Code's secret storage. */
export function isOnInGateway(port: DoctorFacts['port'], name: string): boolean {
  return port.kind === 'ccr' && port.state.providers.some((provider) => provider.name === name && provider.enabled);
}

export function checkPort({ port, config, version }: DoctorFacts): Finding[] {
  switch (port.kind) {
    case 'stranger': {
      const by = port.owner === undefined ? 'another program' : port.owner;
      const message = `Port ${port.port} is taken by ${by}, so the gateway can't use it.`;
      return [
        {
          id: 'port-taken',
          severity: 'error',
          message,
          fix: 'End that program, or set another PORT in the config.',
          command: 'ccr.openConfig',
        },
      ];
    }
    case 'nobody':
      return [
        {
          id: 'not-running',
          severity: 'error',
          message: `No gateway runs on port ${port.port}.`,
          fix: 'Start it with "ccr start", or "CCR: Start Proxy" in VS Code.',
          command: 'ccr.startProxy',
        },
      ];
    case 'ccr':
      return checkState(port.state, config.file, version);
    default:
      return port satisfies never;
  }
}

function checkState(
  state: Extract<DoctorFacts['port'], { kind: 'ccr' }>['state'],
  file: string,
  version: string,
): Finding[] {
  const restart = { fix: 'Restart the gateway.', command: 'ccr.restartProxy' };
  const findings: Finding[] = [];
  if (state.configFile !== file) {
    const message = `The running gateway uses the config ${state.configFile}, not ${file}.`;
    const fix = `Restart the gateway with that config, or run "ccr doctor --config ${JSON.stringify(state.configFile)}".`;
    findings.push({ id: 'other-config', severity: 'warning', message, fix, command: restart.command });
  }
  if (state.stale) {
    const message = "The running gateway can't use the config as it is now, and keeps the last valid one.";
    findings.push({
      id: 'stale-config',
      severity: 'error',
      message,
      fix: `Correct ${state.configFile}.`,
      command: 'ccr.openConfig',
    });
  }
  if (state.version !== version) {
    const message = `The running gateway is version ${state.version}, this is ${version}.`;
    findings.push({ id: 'other-version', severity: 'warning', message, ...restart });
  }
  if (state.status === 'degraded') {
    const message = `The gateway is degraded: ${state.reasons.join(' ')}`;
    findings.push({ id: 'degraded', severity: 'error', message, fix: 'See "ccr status".', command: 'ccr.openConfig' });
  }
  return findings;
}
