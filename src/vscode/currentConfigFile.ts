import type { GatewayLink } from './gatewayLink.ts';
import type { WindowEnvironment } from './windowEnvironment.ts';

/** The running gateway's config file: another window may have started it with other settings. */
export function currentConfigFile(
  window: Pick<WindowEnvironment, 'configFile'>,
  link: Pick<GatewayLink, 'status'>,
): string {
  const status = link.status();
  return status.kind === 'running' ? status.state.configFile : window.configFile();
}
