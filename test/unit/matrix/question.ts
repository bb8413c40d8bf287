import type { Call } from './answer.ts';

export const askedModel = 'asked-model';
export const prompt = 'Answer as the fixture says.';
export const imageUrl = 'data:image/png;base64,iVBORw0KGgo=';
export const schema = {
  type: 'object',
  properties: { answer: { type: 'integer' } },
  required: ['answer'],
  additionalProperties: false,
};

export type MatrixTool = Omit<Call, 'id' | 'input'> & { description: string; parameters: object };

function parametersOf(...names: string[]): object {
  return {
    type: 'object',
    properties: Object.fromEntries(names.map((name) => [name, { type: 'string' }])),
    required: names,
    additionalProperties: false,
  };
}

/** All tools of the matrix. A client without custom tools or namespaces declares the closest equivalent. */
const tools: MatrixTool[] = [
  { kind: 'function', name: 'shell', description: 'Runs a command.', parameters: parametersOf('command') },
  { kind: 'function', name: 'weather', description: 'Tells the weather.', parameters: parametersOf('city') },
  { kind: 'function', name: 'time', description: 'Tells the time.', parameters: parametersOf('zone') },
  { kind: 'custom', name: 'apply_patch', description: 'Edits files.', parameters: parametersOf('input') },
  {
    kind: 'function',
    namespace: 'multi_agent_v1',
    name: 'spawn_agent',
    description: 'Starts an agent.',
    parameters: parametersOf('task'),
  },
];

export function toolOf(name: string): MatrixTool {
  const found = tools.find((tool) => tool.name === name);
  if (!found) throw new Error(`The matrix has no tool ${name}`);
  return found;
}
