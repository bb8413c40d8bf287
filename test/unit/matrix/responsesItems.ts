import { check, unknownBlock } from './answer.ts';
import type { Json } from './answer.ts';

type Part = { text: string; said: boolean; done: boolean };
type Open = { item: Json; parts: Map<string, Part>; input: string; inputDone: boolean; done: boolean };

const itemTypes = ['message', 'reasoning', 'function_call', 'custom_tool_call'];

/** Delta events, by the index field of the part that they extend. */
const partEvents: Record<string, 'content_index' | 'summary_index'> = {
  'response.output_text': 'content_index',
  'response.refusal': 'content_index',
  'response.reasoning_text': 'content_index',
  'response.reasoning_summary_text': 'summary_index',
};
const inputEvents: Record<string, string> = {
  'response.function_call_arguments': 'arguments',
  'response.custom_tool_call_input': 'input',
};

/**
 * The rules of a Responses stream for its items: each is added once and done once, at its own index; deltas come in
 * between, for parts that were added; every `done` repeats what its deltas contained.
 */
export function createItemRules() {
  const items: Open[] = [];
  let shown = '';

  function find(json: Json): Open {
    const found = items[json['output_index']];
    check(found !== undefined && !found.done, 'an event belongs to an open item', json);
    check(found.item['id'] === json['item_id'], 'item_id is that of the item at output_index', json);
    return found;
  }

  function partKey(json: Json): string {
    return 'summary_index' in json ? `summary ${json['summary_index']}` : `content ${json['content_index']}`;
  }

  function readPart(type: string, json: Json): void {
    const open = find(json);
    const key = partKey(json);
    const part = open.parts.get(key);
    if (type.endsWith('.added')) {
      check(!part, 'a part is added once', json);
      open.parts.set(key, { text: '', said: false, done: false });
      return;
    }
    check(part !== undefined && part.said && !part.done, 'a part is done once, after its text', json);
    check(textOf(json['part']) === part.text, 'a done part says what its deltas said', [part.text, json]);
    part.done = true;
  }

  function readText(base: string, json: Json): void {
    const part = find(json).parts.get(partKey(json));
    check(part !== undefined && !part.done, 'text belongs to an open part', json);
    if (!('delta' in json)) {
      check(!part.said && textOf(json) === part.text, 'a done text says what its deltas said', json);
      part.said = true;
      return;
    }
    part.text += json['delta'];
    if (base === 'response.output_text') shown += json['delta'];
  }

  function readInput(field: string, json: Json): void {
    const open = find(json);
    check(!open.inputDone && field in open.item, 'input belongs to a call of that kind', json);
    if ('delta' in json) {
      open.input += json['delta'];
      return;
    }
    check(json[field] === open.input, 'a done input says what its deltas said', json);
    open.inputDone = true;
  }

  function add(json: Json): void {
    if (!itemTypes.includes(json['item']['type'])) unknownBlock(json['item']);
    check(json['output_index'] === items.length, 'items are numbered without gaps', json);
    items.push({ item: json['item'], parts: new Map(), input: '', inputDone: false, done: false });
  }

  function finish(json: Json): void {
    const open = find({ ...json, item_id: json['item']['id'] });
    const { item, parts, input, inputDone } = open;
    const done = json['item'] as Json;
    check(done['type'] === item['type'] && done['name'] === item['name'], 'an item keeps its type and name', json);
    check(done['call_id'] === item['call_id'] && done['namespace'] === item['namespace'], 'and its call id', json);
    for (const part of parts.values()) check(part.done, 'parts are done before their item', done);
    const whole = [...((done['content'] ?? []) as Json[]), ...((done['summary'] ?? []) as Json[])].map(textOf);
    const streamed = [...parts.values()].map(({ text }) => text);
    check(whole.toSorted().join() === streamed.toSorted().join(), 'a done item says what its deltas said', done);
    const given: unknown = done['arguments'] ?? done['input'];
    check(given === undefined || (inputDone && given === input), 'a done call says what its deltas said', done);
    open.done = true;
    open.item = done;
  }

  return {
    /** The text that the client has shown so far. */
    text: () => shown,
    read(type: string, json: Json): void {
      const base = type.replace(/\.(delta|done)$/, '');
      if (type === 'response.output_item.added') add(json);
      else if (type === 'response.output_item.done') finish(json);
      else if (/^response\.(content|reasoning_summary)_part\.(added|done)$/.test(type)) readPart(type, json);
      else if (Object.hasOwn(partEvents, base)) {
        check(partEvents[base] !== undefined && partEvents[base] in json, 'text has its place', json);
        readText(base, json);
      } else if (Object.hasOwn(inputEvents, base)) readInput(inputEvents[base] ?? '', json);
      else check(false, 'a known event', type);
    },
    checkEnd(output: Json[]): void {
      check(
        items.every(({ done }) => done),
        'every item that was added is done',
      );
      check(output.length === items.length, 'the response has the items of its stream', output);
      for (const [index, item] of output.entries())
        check(sameItem(item, items[index]?.item ?? {}), 'and says the same of each', [item, items[index]?.item]);
    },
  };
}

/** Ignores `status`: only the final response marks the last item of a cut-off response as incomplete. */
function sameItem(item: Json, streamed: Json): boolean {
  return JSON.stringify({ ...item, status: '' }) === JSON.stringify({ ...streamed, status: '' });
}

function textOf(holder: Json): string {
  return String(holder['text'] ?? holder['refusal'] ?? '');
}
