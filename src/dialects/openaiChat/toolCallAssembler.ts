import type { Delta, ToolDelta } from '../../canonical/events.ts';
import { readSignature } from './extraContent.ts';
import type { ToolCallDelta } from './readChunk.ts';

/** A call under construction. `id` and `name` are empty until they arrive; `text` is the input so far. */
type Slot = { key: string; id: string; name: string; text: string; custom: boolean };

/** One fragment of a call. `position` is its index within its chunk. Fields that the provider left empty are "". */
type Fragment = {
  position: number;
  index?: number;
  id: string;
  name: string;
  text: string;
  custom: boolean;
  signature?: string;
};

export type ToolCallAssembler = {
  /** Reads the `tool_calls` of one chunk. Entries that have names are separate calls. */
  push(deltas: readonly ToolCallDelta[]): void;
  /** Reads the deprecated `function_call`, of which there is one. */
  pushLegacy(call: { name?: string | null | undefined; arguments?: unknown }): void;
  /** Whether any call has started. */
  any(): boolean;
};

/**
 * Assembles tool calls from the fragments of a stream. `before` is called before each fragment that is emitted. `sign` is called
 * with the signature of the call at an index, before that call is emitted if the signature has arrived by that time.
 */
export function createToolCallAssembler(
  emit: (delta: Delta) => void,
  before: () => void,
  sign: (signature: string, call: number) => void,
): ToolCallAssembler {
  const slots = createSlots();
  let legacy: Slot | undefined;
  /** Indexes of the calls whose signature has arrived. */
  const signed = new Set<number>();

  function add(slot: Slot, fragment: Fragment): void {
    const isNew = slot.id === '' && slot.name === '' && slot.text === '';
    const id = slot.id === '' ? fragment.id : '';
    const name = slot.name === '' ? fragment.name : '';
    signSlot(slot, fragment);
    if (!isNew && id === '' && name === '' && fragment.text === '') return;
    slot.id ||= id;
    slot.name ||= name;
    slot.text += fragment.text;
    before();
    const delta: ToolDelta = { type: 'tool-delta', key: slot.key, text: fragment.text };
    if (id !== '') delta.id = id;
    if (name !== '') delta.name = name;
    if (slot.custom) delta.kind = 'custom';
    emit(delta);
  }

  function signSlot(slot: Slot | undefined, { signature }: Fragment): void {
    // Gemini signs only the first of parallel calls.
    const call = slot ? slots.indexOf(slot) : 0;
    if (signature === undefined || signed.has(call)) return;
    signed.add(call);
    sign(signature, call);
  }

  /** `named` collects the calls to which this chunk gives a name. */
  function pushFragment(fragment: Fragment, named: Slot[]): void {
    // Gemini's signature may arrive in a fragment of its own.
    if (fragment.id === '' && fragment.name === '' && fragment.text === '')
      return signSlot(slots.atIndex(fragment.index), fragment);
    const repeated = slots.findRepeated(fragment);
    if (repeated) return signSlot(repeated, fragment);
    const slot = slots.find(fragment, named) ?? slots.open(fragment);
    if (fragment.name !== '') named.push(slot);
    add(slot, fragment);
  }

  return {
    push(deltas) {
      const named: Slot[] = [];
      for (const [position, delta] of deltas.entries()) pushFragment(readFragment(delta, position), named);
      slots.endChunk(named);
    },
    pushLegacy(call) {
      const fragment = { position: 0, id: '', name: call.name ?? '', text: inputText(call.arguments), custom: false };
      if (fragment.name === '' && fragment.text === '') return;
      legacy ??= slots.open(fragment);
      add(legacy, fragment);
    },
    any: slots.any,
  };
}

/**
 * Finds the call that a fragment belongs to: by index, else by id, else by its position among the fragments of its chunk.
 * Indexes are correct, missing (Gemini, Mistral, Kimi) or all zero (ollama#7881); ids are sent once, in every fragment, or as
 * "" (Qwen).
 */
function createSlots() {
  const slots: Slot[] = [];
  const byIndex = new Map<number, Slot>();
  /** The calls that the latest naming chunk named. Later chunks without indexes continue them in the same order. */
  let batch: Slot[] = [];

  function findWithoutIndex({ id, name, position }: Fragment): Slot | undefined {
    const byId = id === '' ? undefined : slots.findLast((slot) => slot.id === id);
    if (byId) return byId;
    // An unknown id with a name starts a call.
    if (id !== '' && name !== '') return undefined;
    const samePosition = batch[position];
    if (samePosition && !isComplete(samePosition.text)) return samePosition;
    return batch.find((slot) => !isComplete(slot.text)) ?? slots.at(-1);
  }

  /**
   * An id that is known is surer than an index. What has neither a name nor an id continues the last call, if that lacks something:
   * some providers count the pieces, or begin a second call at the index of the first (agno#8879).
   */
  function findAt(index: number, { id, name, text }: Fragment): Slot | undefined {
    const found = byIndex.get(index);
    if (name === '' && id !== '' && id !== found?.id) return slots.findLast((slot) => slot.id === id) ?? found;
    const last = slots.at(-1);
    const isRest = name === '' && id === '' && text !== '' && last !== undefined && last.name !== '';
    return found ?? (isRest && !isComplete(last.text) ? last : undefined);
  }

  function remember(slot: Slot, { index }: Fragment): Slot {
    if (index !== undefined) byIndex.set(index, slot);
    return slot;
  }

  return {
    any: () => slots.length > 0,
    indexOf: (slot: Slot) => slots.indexOf(slot),
    atIndex: (index: number | undefined) => (index === undefined ? undefined : byIndex.get(index)),
    findRepeated: (fragment: Fragment) => slots.find((slot) => isRepeated(slot, fragment)),
    open(fragment: Fragment): Slot {
      const slot = { key: `tool-${slots.length}`, id: '', name: '', text: '', custom: fragment.custom };
      slots.push(slot);
      return remember(slot, fragment);
    },
    find(fragment: Fragment, named: Slot[]): Slot | undefined {
      const candidate = fragment.index === undefined ? findWithoutIndex(fragment) : findAt(fragment.index, fragment);
      return candidate && !startsAnother(candidate, fragment, named) ? remember(candidate, fragment) : undefined;
    },
    endChunk(named: Slot[]): void {
      if (named.length > 0) batch = named;
    },
  };
}

/** Whether a fragment that could continue `slot` starts another call instead, which only a fragment with a name can do. */
function startsAnother(slot: Slot, { id, name, text }: Fragment, named: Slot[]): boolean {
  if (name === '' || slot.name === '') return false;
  // Some providers make a new id for each piece (poolsideai/pool#9): no call begins in the middle of an object.
  if (name === slot.name && isWithinObject(slot.text) && !/^\s*(?:[{[]|$|null)/.test(text)) return false;
  if (id !== '' && slot.id !== '' && id !== slot.id) return true;
  // Within one chunk, each entry with a name is a separate call.
  if (named.includes(slot)) return true;
  if (name !== slot.name) return true;
  // Some providers repeat the name in every fragment. A second input after a complete one belongs to another call.
  return text !== '' && isComplete(slot.text) && text !== slot.text;
}

/** Some providers repeat the whole call at the end, or send it at several indexes (LocalAI#9722). */
function isRepeated(slot: Slot, { id, name, text }: Fragment): boolean {
  return id !== '' && id === slot.id && name === slot.name && text === slot.text && isComplete(text);
}

function isWithinObject(text: string): boolean {
  return /^\s*\{/.test(text) && !isComplete(text);
}

function isComplete(text: string): boolean {
  if (!text.trimEnd().endsWith('}')) return false;
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

function readFragment(delta: ToolCallDelta, position: number): Fragment {
  const { index, id, type, function: called, custom } = delta;
  const signature = readSignature(delta.extra_content);
  const place = typeof index === 'string' && index !== '' ? Number(index) : index;
  const isCustom = type === 'custom' || (custom !== null && custom !== undefined);
  const fragment = {
    position,
    id: id ?? '',
    name: nameText(isCustom ? custom?.name : called?.name),
    text: inputText(isCustom ? custom?.input : called?.arguments),
    custom: isCustom,
    ...(signature !== undefined && { signature }),
  };
  return typeof place === 'number' && Number.isInteger(place) && place >= 0 ? { ...fragment, index: place } : fragment;
}

/** Some gateways write the null of later pieces as text (litellm#12513). */
function nameText(name: string | undefined): string {
  return name === undefined || name === 'null' ? '' : name;
}

/** Arguments are text, but some servers send an object. */
function inputText(input: unknown): string {
  if (typeof input === 'string') return input;
  return input === undefined || input === null ? '' : JSON.stringify(input);
}
