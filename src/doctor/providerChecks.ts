import { verbatim, wording, type Wording } from '../canonical/wording.ts';
import { isLoopbackHost } from '../config/access.ts';
import { asksWindows } from '../providers/vscodeModels.ts';
import type { LiveCheck } from '../gateway/liveCheck.ts';
import { finding, type DoctorFacts, type Finding } from './facts.ts';
import { isOnInGateway } from './gatewayChecks.ts';

type Host = { provider: string; url: URL };

/** The hosts of the providers that are on. */
function hostsOf({ config, port }: DoctorFacts): Host[] {
  if (!config.usable || config.source === 'demo') return [];
  const isOn = ({ name, enabled }: { name: string; enabled: boolean }): boolean => enabled || isOnInGateway(port, name);
  const on = new Set(config.providers.filter(isOn).map(({ name }) => name));
  return config.config.Providers.filter(({ name }) => on.has(name)).flatMap(({ name, api_base_url }) =>
    URL.canParse(api_base_url) && !asksWindows(api_base_url) ? [{ provider: name, url: new URL(api_base_url) }] : [],
  );
}

/** A local server on the host is not at `localhost` of a container. */
export async function checkContainer(facts: DoctorFacts): Promise<Finding[]> {
  if (!facts.isContainer) return [];
  const local = hostsOf(facts).filter(({ url }) => isLoopbackHost(url.hostname));
  const found = await Promise.all(
    local.map(async ({ provider, url }): Promise<Finding[]> => {
      const port = Number(url.port) || (url.protocol === 'https:' ? 443 : 80);
      if (await facts.isListening(url.hostname, port)) return [];
      return [
        finding(
          { id: 'container-host', severity: 'error', command: 'ccr.openConfig' },
          wording(
            'The provider {0} is at {1}, which in this container is the container itself; nothing listens there.',
            provider,
            url.host,
          ),
          wording('Use the name of the host, such as host.docker.internal, in its api_base_url.'),
        ),
      ];
    }),
  );
  return found.flat();
}

/** The variables of a proxy, in the order in which the gateway reads them. */
const proxyNames = ['https_proxy', 'HTTPS_PROXY', 'http_proxy', 'HTTP_PROXY'];

export async function checkProxy(facts: DoctorFacts): Promise<Finding[]> {
  const { environment } = facts;
  const name = proxyNames.find((each) => environment[each]);
  if (name === undefined) return [];
  const value = environment[name] ?? '';
  const url = URL.parse(value.includes('://') ? value : `http://${value}`);
  if (!url) {
    return [
      finding(
        { id: 'proxy-invalid', severity: 'error' },
        wording('The variable {0} is not the URL of a proxy.', name),
        wording('Correct or unset {0}.', name),
      ),
    ];
  }
  const findings: Finding[] = [];
  if (!(await facts.isListening(url.hostname.replaceAll(/[[\]]/g, ''), Number(url.port) || 80))) {
    const said = wording('The proxy of {0}, {1}, does not answer.', name, url.host);
    const fix = wording('Start the proxy, or correct or unset {0}.', name);
    findings.push(finding({ id: 'proxy-down', severity: 'error' }, said, fix));
  }
  const unproxied = (environment['no_proxy'] ?? environment['NO_PROXY'] ?? '').split(/[\s,]+/);
  if (!unproxied.some((each) => ['*', '127.0.0.1', 'localhost'].includes(each))) {
    const said = wording(
      '{0} is set and NO_PROXY lacks 127.0.0.1: clients would send the requests for CCR to the proxy.',
      name,
    );
    const fix = wording('Add 127.0.0.1 to NO_PROXY, or use a terminal of VS Code.');
    findings.push(finding({ id: 'no-proxy', severity: 'warning' }, said, fix));
  }
  return findings;
}

/** With a proxy, the proxy resolves names. */
export async function checkHostNames(facts: DoctorFacts): Promise<Finding[]> {
  if (proxyNames.some((name) => facts.environment[name])) return [];
  const found = await Promise.all(
    hostsOf(facts).map(async ({ provider, url }): Promise<Finding[]> => {
      if (await facts.resolves(url.hostname.replaceAll(/[[\]]/g, ''))) return [];
      return [
        finding(
          { id: 'dns', severity: 'error', command: 'ccr.openConfig' },
          wording('The host {0} of the provider {1} has no address.', url.hostname, provider),
          wording('Check the network and the spelling of api_base_url.'),
        ),
      ];
    }),
  );
  return found.flat();
}

const advice: Record<NonNullable<LiveCheck['fault']>['part'], { fix: Wording; command: string }> = {
  key: { fix: wording('Set another key.'), command: 'ccr.setProviderApiKey' },
  quota: { fix: wording('Top up the account, wait, or set another key.'), command: 'ccr.setProviderApiKey' },
  model: { fix: wording('Use a model that the provider lists for your account.'), command: 'ccr.openConfig' },
  endpoint: { fix: wording('Check api_base_url and protocol.'), command: 'ccr.openConfig' },
  connection: { fix: wording('Check the network, a VPN and the proxy.'), command: 'ccr.showLog' },
  provider: { fix: wording("See the provider's status page, and try again later."), command: 'ccr.showLog' },
};

const certificateWords = /certificate|self.signed|unable to verify|CERT_|TLS|SSL/i;

/** One cheap call each. */
export async function checkProviders(facts: DoctorFacts): Promise<Finding[]> {
  if (hostsOf(facts).length === 0) return [];
  const checks = await facts.checkProviders();
  return checks.flatMap(({ provider, model, fault }): Finding[] => {
    if (!fault) return [];
    const said = [wording('{0} does not answer:', `${provider},${model}`), verbatim(fault.message)];
    if (fault.part === 'connection' && certificateWords.test(fault.message)) {
      const fix = wording(
        'If your company inspects TLS, add its certificate to the system, or name it in NODE_EXTRA_CA_CERTS.',
      );
      return [finding({ id: 'tls', severity: 'error' }, said, fix)];
    }
    const { fix, command } = advice[fault.part];
    const argument = command === 'ccr.setProviderApiKey' ? { argument: provider } : {};
    return [finding({ id: `provider-${fault.part}`, severity: 'error', command, ...argument }, said, fix)];
  });
}
