import { placeholderKey } from '../config/placeholder.ts';
import { CodexCatalogError, fetchCodexCatalog } from './codexCatalogFile.ts';
import type { CliContext } from './context.ts';
import { describeAbsence, gatewayUrl, locateGateway } from './locate.ts';

/** A running gateway, the token for clients, and its Codex catalog. */
export type FoundGateway = { url: string; token: string; codexCatalog: string };

/**
 * Finds the gateway of the terminal (CCR_URL), which needs no run file and may be on another machine; else the one that
 * runs on this machine, which may have moved to another port since the terminal was opened.
 * @param codexVersion the version of Codex that the catalog is for
 * @throws CodexCatalogError
 */
export async function findGateway(
  port: number | undefined,
  context: CliContext,
  codexVersion?: string,
): Promise<FoundGateway> {
  const url = port === undefined ? gatewayUrl(context.environment) : undefined;
  const token = terminalToken(context.environment) ?? placeholderKey;
  const ofTerminal = url === undefined ? undefined : await tryCodexCatalog(url, token, codexVersion);
  if (ofTerminal && !(ofTerminal instanceof CodexCatalogError)) return ofTerminal;

  const located = await locateGateway({ port }, context);
  if (located.kind === 'ccr') {
    const own = (await located.client.clientToken()) ?? token;
    const { url: found } = located.client;
    return { url: found, token: own, codexCatalog: await fetchCodexCatalog(found, own, codexVersion) };
  }
  if (ofTerminal) throw ofTerminal;
  throw new CodexCatalogError('unreachable', describeAbsence(located).replace(/\.$/, ''));
}

async function tryCodexCatalog(
  url: string,
  token: string,
  codexVersion: string | undefined,
): Promise<FoundGateway | CodexCatalogError> {
  try {
    return { url, token, codexCatalog: await fetchCodexCatalog(url, token, codexVersion) };
  } catch (error) {
    if (error instanceof CodexCatalogError) return error;
    throw error;
  }
}

/** In its terminals CCR sets the token as the clients' API key. */
function terminalToken(environment: NodeJS.ProcessEnv): string | undefined {
  const url = gatewayUrl(environment);
  const isOurs = url !== undefined && (environment['ANTHROPIC_BASE_URL']?.startsWith(url) ?? false);
  const candidates = [
    environment['CCR_TOKEN'],
    isOurs ? environment['ANTHROPIC_AUTH_TOKEN'] : undefined,
    url && environment['OPENAI_API_KEY'],
  ];
  return candidates.find((token) => token !== undefined && token !== '');
}

/** A sentence about what to do, with a space after it; or an empty string. */
export function adviceOn({ kind }: CodexCatalogError): string {
  return kind === 'unreachable' ? 'Start it with "ccr start", or "CCR: Start Proxy" in VS Code. ' : '';
}
