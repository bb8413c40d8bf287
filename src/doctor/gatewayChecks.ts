import { verbatim, wording } from '../canonical/wording.ts';
import { isUnsafeHost } from '../config/access.ts';
import { problemSentences } from '../config/problems.ts';
import { finding, type DoctorFacts, type Finding } from './facts.ts';

const leastNode = [22, 19] as const;
const openConfig = 'ccr.openConfig';

export function checkNode({ nodeVersion }: DoctorFacts): Finding[] {
  const [major = 0, minor = 0] = nodeVersion.split('.').map(Number);
  if (major > leastNode[0] || (major === leastNode[0] && minor >= leastNode[1])) return [];
  const said = wording('Node {0} is too old: ccr needs {1} or newer.', nodeVersion, leastNode.join('.'));
  return [finding({ id: 'node', severity: 'error' }, said, wording('Install a current Node.'))];
}

export function checkConfigFile({ config, port }: DoctorFacts): Finding[] {
  const severity = 'error';
  const errors = config.problems.filter((problem) => problem.severity === severity);
  const fix = wording('Correct {0}. "ccr validate" lists all problems.', config.file);
  if (!config.usable) {
    const said = errors[0] ? problemSentences(errors[0]) : wording("{0} can't be used.", config.file);
    return [finding({ id: 'config-unusable', severity, command: openConfig }, said, fix)];
  }
  const unsafe = errors.find(isUnsafeHost);
  if (unsafe) return [finding({ id: 'host', severity, command: openConfig }, problemSentences(unsafe), fix)];
  if (config.source === 'demo') {
    const said = wording('There is no config at {0}: the built-in demo answers, not a model.', config.file);
    const kind = { id: 'config-missing', severity, command: 'ccr.addProvider' } as const;
    return [finding(kind, said, wording('Add a provider.'))];
  }
  // A provider that only lacks its key is reported as that, below.
  const lacking = config.providers.filter((provider) => !provider.enabled && provider.needsKey === true);
  const keyless = lacking.filter(({ name }) => !isOnInGateway(port, name));
  // Those with an error of their own are named by it.
  const off = config.problems.filter((problem) => {
    return problem.severity === 'warning' && problem.code === 'invalid-value' && problem.path?.startsWith('Providers[');
  });
  return [
    ...[...errors, ...off].map((problem) =>
      finding({ id: 'config', severity, command: openConfig }, problemSentences(problem), fix),
    ),
    ...keyless.map(({ name }) =>
      finding(
        { id: 'key-missing', severity, command: 'ccr.setProviderApiKey', argument: name },
        wording('The provider {0} is off: it has no API key.', name),
        wording('Set the variable that its api_key names, or store the key with "CCR: Set Provider API Key".'),
      ),
    ),
  ];
}

/** The running gateway may have keys from VS Code's secret storage. */
export function isOnInGateway(port: DoctorFacts['port'], name: string): boolean {
  return port.kind === 'ccr' && port.state.providers.some((provider) => provider.name === name && provider.enabled);
}

export function checkPort({ port, config, version }: DoctorFacts): Finding[] {
  const severity = 'error';
  switch (port.kind) {
    case 'stranger': {
      const by = port.owner ?? wording('another program');
      return [
        finding(
          { id: 'port-taken', severity, command: openConfig },
          wording("Port {0} is taken by {1}, so the gateway can't use it.", String(port.port), by),
          wording('End that program, or set another PORT in the config.'),
        ),
      ];
    }
    case 'nobody':
      return [
        finding(
          { id: 'not-running', severity, command: 'ccr.startProxy' },
          wording('No gateway runs on port {0}.', String(port.port)),
          wording('Start it with "ccr start", or "CCR: Start Proxy" in VS Code.'),
        ),
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
  const command = 'ccr.restartProxy';
  const restart = wording('Restart the gateway.');
  const findings: Finding[] = [];
  if (state.configFile !== file) {
    const said = wording('The running gateway uses the config {0}, not {1}.', state.configFile, file);
    const fix = wording(
      'Restart the gateway with that config, or run "ccr doctor --config {0}".',
      JSON.stringify(state.configFile),
    );
    findings.push(finding({ id: 'other-config', severity: 'warning', command }, said, fix));
  }
  if (state.stale) {
    const said = wording("The running gateway can't use the config as it is now, and keeps the last valid one.");
    const fix = wording('Correct {0}.', state.configFile);
    findings.push(finding({ id: 'stale-config', severity: 'error', command: openConfig }, said, fix));
  }
  if (state.version !== version) {
    const said = wording('The running gateway is version {0}, this is {1}.', state.version, version);
    findings.push(finding({ id: 'other-version', severity: 'warning', command }, said, restart));
  }
  if (state.status === 'degraded') {
    const reasons = state.reasonWording?.flat() ?? state.reasons.map(verbatim);
    const said = [wording('The gateway is degraded:'), ...reasons];
    findings.push(
      finding(
        { id: 'degraded', severity: 'error', command: 'ccr.openDashboard' },
        said,
        wording('See "ccr status", or the dashboard in VS Code.'),
      ),
    );
  }
  return findings;
}
