import { sharedScope } from './sharedScope.ts';
import type { ListedModel } from './jsonFiles.ts';

export type SnippetFacts = { url: string; token: string; models: readonly ListedModel[] };

/** Clients whose settings are in no file that another program can edit safely: what to enter, or to add. */
export const snippetClients = ['cline', 'continue', 'aider'] as const;
export type SnippetClient = (typeof snippetClients)[number];

/** Lines to print. */
export function clientSnippet(client: SnippetClient, { url, token, models }: SnippetFacts): string[] {
  const base = `${url}/w/${sharedScope}/v1`;
  switch (client) {
    case 'cline':
      return [
        "In Cline's settings, choose:",
        '  API Provider: OpenAI Compatible',
        `  Base URL: ${base}`,
        `  API Key: ${token}`,
        '  Model ID: auto',
      ];
    case 'continue':
      return [
        '# Add to ~/.continue/config.yaml, below `models:`',
        ...models.flatMap(({ name, label }) => [
          `  - name: ${JSON.stringify(label)}`,
          '    provider: openai',
          `    model: ${JSON.stringify(name)}`,
          `    apiBase: ${JSON.stringify(base)}`,
          `    apiKey: ${JSON.stringify(token)}`,
        ]),
      ];
    case 'aider':
      return [
        '# Add to ~/.aider.conf.yml',
        `openai-api-base: ${JSON.stringify(base)}`,
        `openai-api-key: ${JSON.stringify(token)}`,
        'model: openai/auto',
      ];
    default:
      return client satisfies never;
  }
}
