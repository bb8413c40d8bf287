import { createArgumentReader, type ArgumentReader } from './argumentReader.ts';
import type { Delta, ToolDelta } from './events.ts';
import { isObject } from './json.ts';
import type { FunctionTool, Tool } from './request.ts';
import type { Stage } from './stage.ts';

/** A call that is being read. Without `reader` its text passes as it is: a custom tool's, or that of an unknown tool. */
type Call = { tool: string; reader: ArgumentReader | undefined; kind: ToolDelta['kind'] };

/**
 * Makes the calls of a reply fit the tools that were declared: the name loses what a server's parser left at it, and the
 * arguments become one JSON object (see createArgumentReader). `note` takes what had to be changed or is wrong, as a
 * sentence.
 */
export function fitCalls(tools: readonly Tool[], note: (message: string) => void): Stage<Delta, Delta> {
  const declared = new Map<string, Tool>(tools.map((tool) => [nameKey(tool), tool]));
  return (emit) => {
    const calls = new Map<string, Call>();
    /** Text of calls whose name has not come: only the name says what the text must be. */
    const nameless = new Map<string, ToolDelta>();

    function push(delta: ToolDelta): void {
      const call = calls.get(delta.key);
      if (call) return extend(call, delta);
      const waiting = nameless.get(delta.key);
      const joined = waiting ? { ...waiting, ...withoutUndefined(delta), text: waiting.text + delta.text } : delta;
      if (!joined.name) {
        nameless.set(delta.key, joined);
        return;
      }
      nameless.delete(delta.key);
      begin(joined, joined.name);
    }

    function begin(delta: ToolDelta, given: string): void {
      const name = declaredName(given, delta.namespace, declared);
      const tool = declared.get(nameKey({ name, namespace: delta.namespace }));
      const call: Call = { tool: name, reader: readerOf(delta, tool), kind: delta.kind };
      calls.set(delta.key, call);
      emit({ ...delta, name, text: call.reader ? call.reader.push(delta.text) : delta.text });
    }

    function extend({ reader }: Call, delta: ToolDelta): void {
      if (!reader) return emit(delta);
      const text = reader.push(delta.text);
      if (text !== '' || delta.id !== undefined) emit({ ...delta, text });
    }

    function endCall(key: string): void {
      const call = calls.get(key);
      calls.delete(key);
      const rest = call?.reader?.end();
      if (!call || !rest) return;
      if (rest.problem !== undefined) note(`The arguments of a call of ${call.tool} ${rest.problem}.`);
      if (rest.text !== '') emit({ type: 'tool-delta', key, kind: call.kind, text: rest.text });
    }

    function endAll(): void {
      for (const key of calls.keys()) endCall(key);
      for (const delta of nameless.values()) emit(delta);
      nameless.clear();
    }

    return {
      push(delta) {
        if (delta.type === 'tool-delta') return push(delta);
        if (delta.type === 'block-end') endCall(delta.key);
        if (delta.type === 'done' || delta.type === 'error') endAll();
        emit(delta);
      },
      end: endAll,
    };
  };
}

function readerOf({ kind }: ToolDelta, tool: Tool | undefined): ArgumentReader | undefined {
  if (kind === 'custom' || tool?.kind === 'custom') return undefined;
  return createArgumentReader(tool?.kind === 'function' ? parametersOf(tool) : {});
}

function parametersOf({ parameters }: FunctionTool): FunctionTool['parameters'] {
  return isObject(parameters) ? parameters : {};
}

function nameKey({ name, namespace }: { name: string; namespace?: string | undefined }): string {
  return `${namespace ?? ''} ${name}`;
}

/**
 * The declared tool that a call means: `Read<|channel|>commentary`, `functions.Read` (vllm#32633, movieclaw#224) are Read. A
 * name that stays unknown is passed on: the client's error tells the model.
 */
function declaredName(given: string, namespace: string | undefined, declared: ReadonlyMap<string, Tool>): string {
  const isDeclared = (name: string): boolean => declared.has(nameKey({ name, namespace }));
  const bare = given.replace(/<\|[\s\S]*$/, '').trim();
  const candidates = [given, bare, bare.replace(/^functions?[.:]/, ''), given.trim()];
  return candidates.find((name) => name !== '' && isDeclared(name)) ?? given;
}

function withoutUndefined(delta: ToolDelta): ToolDelta {
  return Object.fromEntries(Object.entries(delta).filter(([, value]) => value !== undefined)) as ToolDelta;
}
