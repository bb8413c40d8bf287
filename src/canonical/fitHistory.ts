import { isObject, parseJson } from './json.ts';
import { scanOn, startScan } from './objectScanner.ts';
import type { JsonObject, Message, Part, Tool, ToolCallPart } from './request.ts';
import { readObjectInput } from './toolArguments.ts';

/** Longer inputs are checked by their structure alone, which costs a tenth of reading them. Characters. */
const longestRead = 4096;

/**
 * The conversation with the input of each call as a JSON object, which all providers demand (librefang#918,
 * zai-coding-plugins#14): no input at all is `{}`, and what can't be read as one is kept inside one. Returns the same list if
 * nothing had to be changed. `changed` receives the name of each called tool whose input was neither an object nor empty.
 */
export function fitHistory(
  messages: readonly Message[],
  tools: readonly Tool[],
  changed: (name: string) => void,
): readonly Message[] {
  if (messages.every(isFitMessage)) return messages;
  const fit = (part: Part): Part => {
    if (isFit(part) || part.type !== 'tool-call') return part;
    if (part.input.trim() !== '') changed(part.name);
    const input = readObjectInput(part.input, schemaFor(part, tools)) ?? { input: part.input };
    return { ...part, input: JSON.stringify(input) };
  };
  return messages.map((message) => (isFitMessage(message) ? message : { ...message, parts: message.parts.map(fit) }));
}

function isFitMessage({ parts }: Message): boolean {
  return parts.every(isFit);
}

function isFit(part: Part): boolean {
  return part.type !== 'tool-call' || part.kind === 'custom' || isObjectText(part.input);
}

function isObjectText(text: string): boolean {
  if (text.length <= longestRead) return isObject(parseJson(text));
  const scan = startScan();
  scan.text = text;
  let stop = scanOn(scan);
  while (stop === 'key' || stop === 'value') stop = scanOn(scan);
  // What had to be repaired is not JSON.
  return stop === 'done' && scan.text === text && text.slice(scan.cursor).trim() === '';
}

function schemaFor({ name, namespace }: ToolCallPart, tools: readonly Tool[]): JsonObject {
  const tool = tools.find((each) => each.kind === 'function' && each.name === name && each.namespace === namespace);
  return tool?.kind === 'function' ? tool.parameters : {};
}
