import { deltaStage, type DeltaHandlers } from '../canonical/deltaStage.ts';
import { isObject, parseJson } from '../canonical/json.ts';
import type { Delta, DeltaOf, ToolDelta } from '../canonical/events.ts';
import type { ChatRequest, FunctionTool, JsonObject } from '../canonical/request.ts';
import { repairJson } from './repairJson.ts';
import type { Transform } from './transform.ts';

/** A call whose arguments are held until they are complete. `end` is its block-end, if it has arrived. */
type Held = { tool: FunctionTool; key: string; text: string; end?: BlockEnd };

type BlockEnd = DeltaOf<'block-end'>;

/**
 * Repairs malformed JSON arguments if only one reading is possible. Only complete arguments can be checked, so tool
 * arguments no longer stream, as in claude-code-router (its README, "enhancetool"). Tool names still reach the client
 * immediately.
 */
export const enhanceTool: Transform = (request) =>
  request.tools.some(({ kind }) => kind !== 'hosted')
    ? { request, reply: (wire, note) => deltaStage((emit) => createRepair(wire, note, emit)) }
    : undefined;

function createRepair(
  request: ChatRequest,
  note: (message: string) => void,
  emit: (delta: Delta) => void,
): DeltaHandlers {
  const held = new Map<string, Held>();
  /** Deltas of calls whose name has not arrived yet: the name decides which tool's schema applies. */
  const nameless = new Map<string, ToolDelta[]>();
  const passing = new Set<string>();

  function pushTool(delta: ToolDelta): void {
    const open = held.get(delta.key);
    if (open) open.text += delta.text;
    else if (passing.has(delta.key)) emit(delta);
    else begin(delta);
  }

  function begin(delta: ToolDelta): void {
    const { key } = delta;
    const deltas = [...(nameless.get(key) ?? []), delta];
    const name = delta.name;
    if (!name) {
      nameless.set(key, deltas);
      return;
    }
    nameless.delete(key);
    const tool = findTool(request, delta);
    if (!tool) passing.add(key);
    else held.set(key, { tool, key, text: deltas.map(({ text }) => text).join('') });
    for (const each of deltas) emit(tool ? { ...each, text: '' } : each);
  }

  /** Sends valid arguments immediately. Others wait for the end of the answer, which tells whether they were cut off. */
  function endCall(call: Held, { input = call.text, ...end }: BlockEnd): void {
    call.text = input;
    if (!isObjectText(call.text)) {
      call.end = end;
      return;
    }
    release(call, call.text);
    emit(end);
  }

  function release(call: Held, text: string): void {
    held.delete(call.key);
    if (text !== '') emit({ type: 'tool-delta', key: call.key, text });
  }

  function releaseAll(cutOff: boolean): void {
    for (const call of held.values()) {
      release(call, repaired(call, cutOff, note));
      if (call.end) emit(call.end);
    }
    for (const deltas of nameless.values()) for (const delta of deltas) emit(delta);
    nameless.clear();
  }

  return {
    tool: pushTool,
    blockEnd(delta) {
      const call = held.get(delta.key);
      passing.delete(delta.key);
      if (call) endCall(call, delta);
      else emit(delta);
    },
    flush: (finish) => releaseAll(finish?.reason !== 'stop' && finish?.reason !== 'tool-calls'),
    breakOff: () => releaseAll(true),
  };
}

function findTool({ tools }: ChatRequest, { name, namespace }: ToolDelta): FunctionTool | undefined {
  return tools.find(
    (tool): tool is FunctionTool => tool.kind === 'function' && tool.name === name && tool.namespace === namespace,
  );
}

/** Returns arguments that can't be repaired unchanged: the model corrects itself from the client's error. */
function repaired({ tool, text }: Held, cutOff: boolean, note: (message: string) => void): string {
  if (cutOff || text.trim() === '' || isObjectText(text)) return text;
  const found = repairJson(text);
  if (!found || found.repairs.length === 0 || !fits(found.value, tool.parameters)) return text;
  note(`Arguments for the tool ${tool.name} were not valid JSON and were repaired: ${found.repairs.join(', ')}.`);
  return JSON.stringify(found.value);
}

/** Whether the object has every argument that the tool requires, and none that the tool does not declare. */
function fits(value: JsonObject, { properties, required }: JsonObject): boolean {
  const needed = Array.isArray(required) ? required.filter((name) => typeof name === 'string') : [];
  if (!needed.every((name) => Object.hasOwn(value, name))) return false;
  return !isObject(properties) || Object.keys(value).every((name) => Object.hasOwn(properties, name));
}

function isObjectText(text: string): boolean {
  return isObject(parseJson(text));
}
