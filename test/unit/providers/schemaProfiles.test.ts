// Whatever a client declares, each provider gets a schema that its stand-in takes.

import { assert, property } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isObject } from '../../../src/canonical/json.ts';
import type { JsonObject } from '../../../src/canonical/request.ts';
import { schemaLike } from '../../support/jsonSchemas.ts';
import { checkDeclarations } from '../../upstream/providers/geminiSchema.ts';
import {
  commonFault,
  draftFault,
  grammarFault,
  moonshotFault,
  ollamaFault,
  patternFault,
  rootFault,
} from '../../upstream/schemaRules.ts';
import type { FindFault } from '../../upstream/schemaRules.ts';
import { edit } from './find.ts';

const local: FindFault = (schema) => rootFault(schema) ?? draftFault(schema) ?? grammarFault(schema);

const faults: Record<string, FindFault> = {
  mine: commonFault,
  openai: commonFault,
  anthropic: commonFault,
  deepseek: commonFault,
  xai: commonFault,
  groq: commonFault,
  mistral: commonFault,
  glm: commonFault,
  minimax: commonFault,
  qwen: commonFault,
  openrouter: commonFault,
  vllm: commonFault,
  kimi: (schema) => moonshotFault(schema) ?? commonFault(schema),
  llamacpp: local,
  lmstudio: local,
  ollama: (schema) => rootFault(schema) ?? ollamaFault(schema) ?? draftFault(schema) ?? patternFault(schema),
};

function chatParameters(name: string, parameters: unknown): unknown {
  const tools = [{ type: 'function', function: { name: 'f', parameters } }];
  const [tool] = edit({ name }, { messages: [], tools })['tools'] as [{ function: JsonObject }];
  return tool.function['parameters'];
}

describe.each(Object.entries(faults))('%s takes', (name, faultOf) => {
  it('any schema', () => {
    assert(
      property(schemaLike, (schema) => {
        const parameters = chatParameters(name, schema);
        expect(faultOf(parameters), JSON.stringify(parameters)).toBeUndefined();
      }),
      { numRuns: 300 },
    );
  });
});

it('Gemini takes any schema whose names it takes', () => {
  assert(
    property(schemaLike, (schema) => {
      const tools = [{ type: 'function', function: { name: 'f', parameters: withoutOddNames(schema) } }];
      expect(() => checkDeclarations(edit({ name: 'gemini' }, { messages: [], tools }))).not.toThrow();
    }),
    { numRuns: 300 },
  );
});

/** Names are rewritten before (parameterNames.test.ts). */
function withoutOddNames(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutOddNames);
  if (!isObject(value)) return value;
  const plain = Object.entries(value).filter(([name]) => /^[$a-zA-Z_]\w{0,63}$/.test(name) && name !== '$filter');
  return Object.fromEntries(plain.map(([name, inner]) => [name, withoutOddNames(inner)]));
}
