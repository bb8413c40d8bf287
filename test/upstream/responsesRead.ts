import { isObject, objectsOf, stringOf } from './json.ts';
import type { JsonObject } from './json.ts';
import { isUsersOwn } from './ownWords.ts';
import type { Conversation, DeclaredTool } from './turn.ts';

export function inputOf(body: JsonObject): JsonObject[] {
  if (typeof body['input'] === 'string') return [{ type: 'message', role: 'user', content: body['input'] }];
  return objectsOf(body['input']);
}

export function itemType(item: JsonObject): string {
  return typeof item['type'] === 'string' ? item['type'] : 'message';
}

export function partsText(content: unknown): string {
  if (typeof content === 'string') return content;
  return objectsOf(content)
    .map((part) => stringOf(part['text']))
    .join('');
}

export function isToolOutput(item: JsonObject): boolean {
  return itemType(item).endsWith('_call_output');
}

export function readResponses(body: JsonObject): Conversation {
  const input = inputOf(body);
  const lastUser = input.findLastIndex(
    (item) => itemType(item) === 'message' && item['role'] === 'user' && isUsersOwn(partsText(item['content'])),
  );
  const schema = outputSchemaOf(body);
  return {
    model: stringOf(body['model']),
    tools: declaredTools(body),
    lastUserText: partsText(input[lastUser]?.['content']),
    toolResults: input
      .slice(lastUser + 1)
      .filter(isToolOutput)
      .map((item) => partsText(item['output'])),
    ...(schema === undefined ? {} : { outputSchema: schema }),
  };
}

/** Top-level tools, those in namespaces, and those in `additional_tools` items, which Codex sends for lite models. */
export function declaredTools(body: JsonObject): DeclaredTool[] {
  const additional = inputOf(body).filter((item) => itemType(item) === 'additional_tools');
  return [...objectsOf(body['tools']), ...additional.flatMap((item) => objectsOf(item['tools']))].flatMap((tool) =>
    readTool(tool),
  );
}

function readTool(tool: JsonObject, namespace?: string): DeclaredTool[] {
  if (tool['type'] === 'namespace')
    return objectsOf(tool['tools']).flatMap((inner) => readTool(inner, stringOf(tool['name'])));
  if (tool['type'] !== 'function' && tool['type'] !== 'custom') return [];
  const parameters = isObject(tool['parameters']) ? tool['parameters'] : {};
  return [
    { kind: tool['type'], name: stringOf(tool['name']), parameters, ...(namespace === undefined ? {} : { namespace }) },
  ];
}

function outputSchemaOf(body: JsonObject): JsonObject | undefined {
  const format = isObject(body['text']) ? body['text']['format'] : undefined;
  if (!isObject(format) || format['type'] !== 'json_schema') return undefined;
  return isObject(format['schema']) ? format['schema'] : undefined;
}
