// What Codex and Claude Code really sent, asked of the strict stand-ins of those who host models.

import { readFileSync, readdirSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { DialectId, JsonObject } from '../../../src/canonical/request.ts';
import { dialectById } from '../../../src/dialects/registry.ts';
import { writeWireRequest } from '../../../src/gateway/wireRequest.ts';
import type { ProviderIdentity } from '../../../src/providers/findProvider.ts';
import { dropProofs } from '../../../src/reasoning/proofOrigins.ts';
import { testSealer } from '../../support/testSealer.ts';
import { profileOf, type ProviderName } from '../../upstream/profiles.ts';
import { find } from './find.ts';

const fixtures = new URL('../../fixtures/', import.meta.url);

const hosts: [ProviderName, Partial<ProviderIdentity> & { model: string }][] = [
  ['openrouter', { name: 'openrouter', model: 'anthropic/claude-sonnet-5' }],
  ['xai-chat', { name: 'xai', model: 'grok-4.6' }],
  ['xai-responses', { name: 'xai', model: 'grok-4.6', protocol: 'responses' }],
  ['qwen', { name: 'qwen', model: 'qwen3.7-max' }],
  ['qwen', { name: 'qwen', model: 'qwen3.8-max' }],
  ['groq', { name: 'groq', model: 'openai/gpt-oss-120b' }],
  ['groq', { name: 'groq', model: 'llama-3.3-70b-versatile' }],
  ['openai-chat', { name: 'openai', model: 'gpt-5.2' }],
  ['openai-responses', { name: 'openai', model: 'gpt-5.6', protocol: 'responses' }],
];

type Recorded = { file: string; dialect: DialectId; body: JsonObject };

const recorded = ['codex', 'claude'].flatMap((client) =>
  readdirSync(new URL(`${client}/`, fixtures))
    .filter((file) => file !== 'catalog.json')
    .flatMap((file): Recorded[] => {
      const text = readFileSync(new URL(`${client}/${file}`, fixtures), 'utf8');
      const { requests } = JSON.parse(text) as { requests: { body?: JsonObject; path: string }[] };
      return requests.flatMap(({ body, path }) => {
        const dialect = dialectOf(path);
        return body && dialect ? [{ file, dialect, body }] : [];
      });
    }),
);

function dialectOf(path: string): DialectId | undefined {
  if (path.endsWith('/responses')) return 'openai-responses';
  if (path.endsWith('/chat/completions')) return 'openai-chat';
  return /\/messages(\?|$)/.test(path) ? 'anthropic-messages' : undefined;
}

describe.each(hosts)('%s takes, as %j', (name, identity) => {
  const standIn = profileOf(name, {});
  const provider = find(identity);

  test.each([...new Set(recorded.map(({ file }) => file))])('%s', (file) => {
    for (const { dialect, body } of recorded.filter((each) => each.file === file)) {
      const asked = dialectById(dialect).readRequest(body, testSealer);
      // Their proofs are those of the stand-ins of that day.
      const request = dropProofs(asked, () => true);
      const wire = writeWireRequest(request, dialectById(provider.protocol), provider, identity.model);
      expect(() => standIn.check(wire.body, [])).not.toThrow();
    }
  });
});
