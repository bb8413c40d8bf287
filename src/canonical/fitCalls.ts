import { createArgumentReader, sameJson, type ArgumentReader } from './argumentReader.ts';
import type { Delta, DeltaOf, ToolDelta } from './events.ts';
import { isObject } from './json.ts';
import { createNamelessCalls } from './namelessCalls.ts';
import type { JsonObject, Tool } from './request.ts';
import type { Stage } from './stage.ts';

/** A call that is being read. Without `reader` its text passes unchanged: a custom tool's, or that of an unknown tool. */
type Call = {
  tool: string;
  schema: JsonObject;
  reader: ArgumentReader | undefined;
  kind: ToolDelta['kind'];
  /** The part of its input that was emitted. */
  text: string;
  /** Its end, where that is held: whether what its input lacks may be added is known only from the reason why the answer ended. */
  heldEnd?: DeltaOf<'block-end'>;
};

/**
 * Makes the calls of a reply fit the tools that were declared: the name loses what a server's parser left at it, and the
 * arguments become one JSON object (see createArgumentReader). `note` takes what had to be changed or is wrong, as a
 * sentence.
 */
export function fitCalls(tools: readonly Tool[], note: (message: string) => void): Stage<Delta, Delta> {
  const declared = new Map<string, Tool>(tools.map((tool) => [nameKey(tool), tool]));
  return (emit) => {
    const calls = new Map<string, Call>();
    const nameless = createNamelessCalls(emit);

    function push(delta: ToolDelta): void {
      const call = calls.get(delta.key);
      if (call) return extend(call, delta);
      const named = nameless.push(delta);
      if (named) begin(named, named.name);
    }

    function begin(delta: ToolDelta, given: string): void {
      const name = declaredName(given, delta.namespace, declared);
      const call = openCall(name, delta, declared.get(nameKey({ name, namespace: delta.namespace })));
      calls.set(delta.key, call);
      emit({ ...delta, name, text: readMore(call, delta.text) });
    }

    function extend(call: Call, delta: ToolDelta): void {
      const text = readMore(call, delta.text);
      if (text === delta.text) emit(delta);
      else if (text !== '' || delta.id !== undefined) emit({ ...delta, text });
    }

    /** Returns the final input if it differs from what was emitted. */
    function endCall(key: string, whole?: string, isCut = false): string | undefined {
      const call = calls.get(key);
      if (!call) return whole;
      calls.delete(key);
      const { rest, problems, input } = endOf(call, whole, isCut);
      for (const problem of problems) note(`The arguments of a call of ${call.tool} ${problem}.`);
      if (rest !== '') emit({ type: 'tool-delta', key, kind: call.kind, text: rest });
      return input;
    }

    function endBlock(delta: DeltaOf<'block-end'>, isCut?: boolean): void {
      const input = endCall(delta.key, delta.input, isCut);
      emit(input === delta.input ? delta : { ...delta, input });
    }

    function pushEnd(delta: DeltaOf<'block-end'>): void {
      const call = calls.get(delta.key);
      if (call && lacksEnd(call, delta.input)) call.heldEnd = { ...call.heldEnd, ...delta };
      else endBlock({ ...call?.heldEnd, ...delta });
    }

    /** `isCut`: a limit or an error ended them. */
    function endAll(isCut = true): void {
      for (const [key, { heldEnd }] of calls) {
        if (heldEnd) endBlock(heldEnd, isCut);
        else endCall(key, undefined, isCut);
      }
      nameless.flush();
    }

    return {
      push(delta) {
        if (delta.type === 'tool-delta') return push(delta);
        if (delta.type === 'finish') endAll(delta.reason === 'length' || delta.reason === 'content-filter');
        else if (delta.type === 'done' || delta.type === 'error') endAll();
        if (delta.type === 'block-end') pushEnd(delta);
        else emit(delta);
      },
      end: () => endAll(),
    };
  };
}

function openCall(name: string, { kind }: ToolDelta, tool: Tool | undefined): Call {
  const schema = tool?.kind === 'function' && isObject(tool.parameters) ? tool.parameters : {};
  const isText = kind === 'custom' || tool?.kind === 'custom';
  return { tool: name, schema, kind, text: '', reader: isText ? undefined : createArgumentReader(schema) };
}

function readMore(call: Call, fragment: string): string {
  const text = call.reader ? call.reader.push(fragment) : fragment;
  call.text += text;
  return text;
}

/** Whether the input is an object that has begun and not ended. */
function lacksEnd({ reader, schema }: Call, whole: string | undefined): boolean {
  if (!reader || whole === undefined) return reader?.isOpen() ?? false;
  const own = createArgumentReader(schema);
  own.push(whole);
  return own.isOpen();
}

/** `whole` is the input as the provider states it at the end, if that is not what it streamed (kimi-code#1455). */
function endOf(
  call: Call,
  whole: string | undefined,
  isCut: boolean,
): { rest: string; problems: string[]; input?: string } {
  const { text: rest, problem } = call.reader?.end(isCut) ?? { text: '' };
  const problems = problem === undefined ? [] : [problem];
  if (whole === undefined) return { rest, problems };
  const { text: final, problem: finalProblem } = call.reader
    ? readArguments(whole, call.schema, isCut)
    : { text: whole };
  const finalProblems = finalProblem === undefined ? [] : [finalProblem];
  if (final.startsWith(call.text)) return { rest: final.slice(call.text.length), problems: finalProblems };
  if (call.reader && sameJson(call.text + rest, final)) return { rest, problems: finalProblems };
  return { rest, problems: [...finalProblems, 'differ between the stream and its end'], input: final };
}

function readArguments(text: string, schema: JsonObject, isCut: boolean): { text: string; problem?: string } {
  const reader = createArgumentReader(schema);
  const passed = reader.push(text);
  const end = reader.end(isCut);
  return { ...end, text: passed + end.text };
}

function nameKey({ name, namespace }: { name: string; namespace?: string | undefined }): string {
  return `${namespace ?? ''} ${name}`;
}

/** A name with what models write around it. Characters. */
const longestGiven = 1000;

/**
 * The declared tool that a call means: `Read<|channel|>commentary`, `functions.Read` (vllm#32633, movieclaw#224), `Read</tool_call>`,
 * `default_api:Read`, `functions.Read:0`, `"Read"`, `read` are Read. Case and separators count only where that leaves no
 * doubt. A name that stays unknown is passed on: the client's error tells the model.
 */
function declaredName(given: string, namespace: string | undefined, declared: ReadonlyMap<string, Tool>): string {
  const isDeclared = (name: string): boolean => declared.has(nameKey({ name, namespace }));
  if (isDeclared(given) || given.length > longestGiven) return given;
  const bare = given.replace(/<[|/a-z][\s\S]*$/, '').trim();
  const plain = bare
    .replaceAll(/^["'`]+|["'`]+$/g, '')
    .replace(/(?::\d+|\(\))$/, '')
    .replace(/^(?:functions?|default_api|tools?)[.:]/, '');
  const once = /^(.+?)\1+$/.exec(plain)?.[1] ?? '';
  const candidate = [bare, plain, given.trim(), once].find((name) => name !== '' && isDeclared(name));
  if (candidate !== undefined) return candidate;
  const alike = [...declared.values()].filter((tool) => tool.kind !== 'hosted' && isAlike(tool, plain, namespace));
  const [only] = alike;
  return only && alike.length === 1 && only.kind !== 'hosted' ? only.name : given;
}

function isAlike(tool: Tool, name: string, namespace: string | undefined): boolean {
  return tool.kind !== 'hosted' && tool.namespace === namespace && letters(tool.name) === letters(name);
}

function letters(name: string): string {
  return name.toLowerCase().replaceAll(/[-_.\s]/g, '');
}
