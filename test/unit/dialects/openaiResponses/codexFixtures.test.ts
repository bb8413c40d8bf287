import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { editRequest } from '../../../../src/canonical/editRequest.ts';
import type { JsonObject, Tool } from '../../../../src/canonical/request.ts';
import { openaiResponses } from '../../../../src/dialects/openaiResponses/index.ts';
import { testSealer } from '../../../support/testSealer.ts';

const folder = 'test/fixtures/codex';

type Recording = { requests?: { path: string; body: JsonObject }[] };

/** All recorded Responses requests of the real CLI. */
const recorded = readdirSync(folder).flatMap((file) => {
  const { requests = [] } = JSON.parse(readFileSync(`${folder}/${file}`, 'utf8')) as Recording;
  return requests
    .filter((request) => request.path.endsWith('/responses'))
    .map((request, index) => ({ name: `${file} #${index}`, body: request.body }));
});

const withoutContent = (item: JsonObject) => (item['encrypted_content'] ? { ...item, content: [] } : item);

describe('recorded requests of Codex', () => {
  it('include calls, reasoning and images', () => {
    expect(recorded.length).toBeGreaterThan(10);
    const types = new Set(recorded.flatMap(({ body }) => inputOf(body).map((item) => item['type'])));
    expect([...types]).toEqual(
      expect.arrayContaining(['message', 'reasoning', 'function_call', 'custom_tool_call_output', 'additional_tools']),
    );
    expect(JSON.stringify(recorded)).toContain('"input_image"');
  });

  it.each(recorded)('$name is read without loss', ({ body }) => {
    const request = openaiResponses.readRequest(body, testSealer);
    const written = openaiResponses.writeRequest(editRequest(request, {}), String(body['model']));
    const instructions = body['instructions'] ? [developerMessage(body['instructions'])] : [];
    expect(written['input']).toEqual([...instructions, ...inputOf(body).filter(isConversation).map(essence)]);
    expect(toolNames(request.tools)).toEqual(declaredNames(body));
    for (const key of [
      'model',
      'stream',
      'store',
      'include',
      'tool_choice',
      'parallel_tool_calls',
      'prompt_cache_key',
      'text',
    ]) {
      expect(written[key], key).toEqual(body[key]);
    }
    const { effort, summary } = body['reasoning'] as JsonObject;
    expect(written['reasoning']).toEqual(effort === undefined ? { summary } : { effort, summary });
  });

  it.each(recorded)('$name is relayed unchanged except for the model and duplicated reasoning', ({ body }) => {
    const request = openaiResponses.readRequest(body, testSealer);
    const patched = openaiResponses.patchSource(body, request, 'x');
    expect(patched).toEqual({ ...body, model: 'x', input: inputOf(body).map(withoutContent) });
  });
});

function inputOf(body: JsonObject): JsonObject[] {
  return body['input'] as JsonObject[];
}

function isConversation(item: JsonObject): boolean {
  return item['type'] !== 'additional_tools';
}

function developerMessage(text: unknown): JsonObject {
  return { type: 'message', role: 'developer', content: [{ type: 'input_text', text }] };
}

/** An item without the parts that are not sent back: id, status, empty annotations, and content next to encrypted content. */
function essence(item: JsonObject): JsonObject {
  const { id: _, status: __, ...rest } = item;
  if (item['type'] === 'reasoning' && item['encrypted_content']) {
    const { content: ___, ...proven } = rest;
    return proven;
  }
  if (item['type'] === 'reasoning') return { type: 'reasoning', summary: [], content: item['content'] };
  if (item['type'] !== 'message') return rest;
  return {
    ...rest,
    content: (item['content'] as JsonObject[]).map(({ annotations: _a, logprobs: _l, ...part }) => part),
  };
}

function toolNames(tools: Tool[]): string[] {
  return tools.map((tool) =>
    tool.kind === 'hosted' ? tool.name : `${tool.kind} ${tool.namespace ?? ''}/${tool.name}`,
  );
}

function declaredNames(body: JsonObject): string[] {
  const lists = [body['tools'], ...inputOf(body).map((item) => item['tools'])].filter((list) => list !== undefined);
  return (lists as JsonObject[][]).flat().flatMap((tool) => {
    const name = String(tool['name']);
    if (tool['type'] === 'namespace')
      return (tool['tools'] as JsonObject[]).map(
        (inner) => `${String(inner['type'])} ${name}/${String(inner['name'])}`,
      );
    return tool['type'] === 'function' || tool['type'] === 'custom' ? `${tool['type']} /${name}` : String(tool['type']);
  });
}
