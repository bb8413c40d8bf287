import { placeholderKey } from '../config/placeholder.ts';
import { CatalogError, fetchCatalog } from './codexCatalogFile.ts';
import type { CliContext } from './context.ts';
import { describeAbsence, gatewayUrl, locateGateway } from './locate.ts';

/** A running gateway, the token for clients, and its Codex catalog. */
export type FoundGateway = { url: string; token: string; catalog: string };

/**
 * Finds the gateway of the terminal (CCR_URL), which needs no run file and may be on another machine; else the one that
 * runs on this machine, which may have moved to another port since the terminal was opened.
 * @param codexVersion the version of Codex that the catalog is for
 * @throws CatalogError
 */
export async function findGateway(
  port: number | undefined,
  context: CliContext,
  codexVersion?: string,
): Promise<FoundGateway> {
  const url = port === undefined ? gatewayUrl(context.environment) : undefined;
  const token = terminalToken(context.environment) ?? placeholderKey;
  const ofTerminal = url === undefined ? undefined : await tryCatalog(url, token, codexVersion);
  if (ofTerminal && !(ofTerminal instanceof CatalogError)) return ofTerminal;

  const located = await locateGateway({ port }, context);
  if (located.kind === 'ccr') {
    const own = (await located.client.clientToken()) ?? token;
    const { url: found } = located.client;
    return { url: found, token: own, catalog: await fetchCatalog(found, own, codexVersion) };
  }
  if (ofTerminal) throw ofTerminal;
  throw new CatalogError('unreachable', describeAbsence(located).replace(/\.$/, ''));
}

async function tryCatalog(
  url: string,
  token: string,
  codexVersion: string | undefined,
): Promise<FoundGateway | CatalogError> {
  try {
    return { url, token, catalog: await fetchCatalog(url, token, codexVersion) };
  } catch (error) {
    if (error instanceof CatalogError) return error;
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
export function adviceOn({ kind }: CatalogError): string {
  return kind === 'unreachable' ? 'Start it with "ccr start", or "CCR: Start Proxy" in VS Code. ' : '';
}
