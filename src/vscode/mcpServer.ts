import * as vscode from 'vscode';
import type { GatewayLink } from './gatewayLink.ts';

export type McpServerParts = {
  link: GatewayLink;
  /** The Node that runs the CLI, whether it is Electron, and dist/cli.js. */
  program: { nodePath: string; cliPath: string; electron: boolean };
  version: string;
};

/** As in package.json (`manifest/contributes.ts`). */
const id = 'ccr.gateway';

/** Offers the agents of VS Code an MCP server that says which models there are, what they cost and why requests went where they went. */
export function registerMcpServer(context: vscode.ExtensionContext, { link, program, version }: McpServerParts): void {
  const changed = new vscode.EventEmitter<void>();
  let port: string | undefined;
  const { nodePath, cliPath, electron } = program;
  context.subscriptions.push(
    changed,
    vscode.lm.registerMcpServerDefinitionProvider(id, {
      onDidChangeMcpServerDefinitions: changed.event,
      provideMcpServerDefinitions() {
        if (port === undefined) return [];
        const environment: Record<string, string> = electron ? { ELECTRON_RUN_AS_NODE: '1' } : {};
        return [
          new vscode.McpStdioServerDefinition('CCR', nodePath, [cliPath, 'mcp', '--port', port], environment, version),
        ];
      },
    }),
    {
      dispose: link.onStatus((status) => {
        const next = status.kind === 'running' ? String(status.state.port) : undefined;
        if (next === port) return;
        port = next;
        changed.fire();
      }),
    },
  );
}
