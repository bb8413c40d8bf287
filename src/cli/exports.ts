export const shells = ['posix', 'fish', 'powershell', 'cmd'] as const;
export type Shell = (typeof shells)[number];

const unproxied = ['127.0.0.1', 'localhost'];

export const clients = ['codex', 'claude'] as const;
export type Client = (typeof clients)[number];

/** The variables that make clients in a terminal use CCR. `token`: the gateway's, or the placeholder. */
export function clientVariables(
  url: string,
  token: string,
  environment: NodeJS.ProcessEnv,
  client: Client = 'codex',
): Record<string, string> {
  const { NO_PROXY, no_proxy } = withLoopbackUnproxied(environment);
  return {
    ...(client === 'claude'
      ? claudeVariables(url, token)
      : { OPENAI_BASE_URL: `${url}/v1`, OPENAI_API_KEY: token, CODEX_API_KEY: token }),
    CCR_URL: url,
    ...(NO_PROXY === undefined ? {} : { NO_PROXY }),
    ...(no_proxy === undefined ? {} : { no_proxy }),
  };
}

/** Makes Claude Code say what each request is for (2.1.330: see routing/clientHints.ts). */
export const hintVariable = 'CLAUDE_CODE_GATEWAY_HINT_HEADERS';

/** Without `/v1` in the URL: Claude Code adds it. */
export function claudeVariables(url: string, token: string, scope?: string): Record<string, string> {
  const base = scope ? `${url}/w/${encodeURIComponent(scope)}` : url;
  return { ANTHROPIC_BASE_URL: base, ANTHROPIC_AUTH_TOKEN: token, [hintVariable]: '1' };
}

/** Adds loopback to NO_PROXY, and to `no_proxy` where it is already set, since some programs read it first. */
export function withLoopbackUnproxied(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const { NO_PROXY, no_proxy } = environment;
  return {
    ...environment,
    NO_PROXY: appendMissing(NO_PROXY ?? no_proxy ?? ''),
    ...(no_proxy === undefined ? {} : { no_proxy: appendMissing(no_proxy) }),
  };
}

function appendMissing(list: string): string {
  const entries = list.split(',').map((entry) => entry.trim());
  const missing = entries.includes('*') ? [] : unproxied.filter((host) => !entries.includes(host));
  return [...entries, ...missing].filter((entry) => entry !== '').join(',');
}

/** The line that sets a variable in a shell. */
export function exportLine(shell: Shell, name: string, value: string): string {
  switch (shell) {
    case 'posix':
      return `export ${name}='${value.replaceAll("'", String.raw`'\''`)}'`;
    case 'fish':
      return `set -gx ${name} '${value.replaceAll(/[\\']/g, String.raw`\$&`)}'`;
    case 'powershell':
      return `$env:${name} = '${value.replaceAll("'", "''")}'`;
    case 'cmd':
      return `set "${name}=${value}"`;
    default:
      return shell satisfies never;
  }
}
