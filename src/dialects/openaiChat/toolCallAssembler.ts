import type { Delta, ToolDelta } from '../../canonical/events.ts';
import { readSignature } from './extraContent.ts';
import type { ToolCallDelta } from './wire.ts';

/** A call under construction. `text` is its input so far; an empty `id` or `name` has not come yet. */
type Slot = { key: string; id: string; name: string; text: string; custom: boolean };

/** One fragment of a call. `position` is its place in its chunk; what providers fill with nothing is "". */
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
  /** The `tool_calls` of one chunk, which belong to different calls when they have names. */
  push(deltas: readonly ToolCallDelta[]): void;
  /** The one `function_call` of the form before `tool_calls`. */
  pushLegacy(call: { name?: string | null | undefined; arguments?: unknown }): void;
  /** Whether there is any call. */
  any(): boolean;
};

/**
 * Finds out which call a fragment belongs to: by index, else by id, else by its place beside the others. Indexes are right,
 * missing (Gemini, Mistral, Kimi) or all zero (ollama#7881); ids come once, always, or as "" (Qwen). `before` is called
 * before each fragment that says something, `sign` with the signature of the call at a place, before that call if it can be.
 */
export function createToolCallAssembler(
  emit: (delta: Delta) => void,
  before: () => void,
  sign: (signature: string, call: number) => void,
): ToolCallAssembler {
  const slots: Slot[] = [];
  const byIndex = new Map<number, Slot>();
  /** The calls that started in one chunk, latest: without index, later chunks go on with them in the same order. */
  let batch: Slot[] = [];
  let legacy: Slot | undefined;
  /** Places of the calls whose signature has come. */
  const signed = new Set<number>();

  function open({ custom }: Fragment): Slot {
    const slot = { key: `tool-${slots.length}`, id: '', name: '', text: '', custom };
    slots.push(slot);
    return slot;
  }

  function find(fragment: Fragment, named: Slot[]): Slot | undefined {
    const candidate = fragment.index === undefined ? findWithoutIndex(fragment) : byIndex.get(fragment.index);
    return candidate && !startsAnother(candidate, fragment, named) ? candidate : undefined;
  }

  function findWithoutIndex({ id, name, position }: Fragment): Slot | undefined {
    const byId = id === '' ? undefined : slots.findLast((slot) => slot.id === id);
    if (byId) return byId;
    // An id that is new, with a name: the start of a call.
    if (id !== '' && name !== '') return undefined;
    const beside = batch[position];
    if (beside && !isWhole(beside.text)) return beside;
    return batch.find((slot) => !isWhole(slot.text)) ?? slots.at(-1);
  }

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
    // Of parallel calls the first alone is signed.
    const call = slot ? slots.indexOf(slot) : 0;
    if (signature === undefined || signed.has(call)) return;
    signed.add(call);
    sign(signature, call);
  }

  return {
    push(deltas) {
      const named: Slot[] = [];
      for (const [position, delta] of deltas.entries()) {
        const fragment = readFragment(delta, position);
        // Nothing but metadata: Gemini's signature may come alone.
        if (fragment.id === '' && fragment.name === '' && fragment.text === '') {
          signSlot(fragment.index === undefined ? undefined : byIndex.get(fragment.index), fragment);
          continue;
        }
        const repeated = slots.find((slot) => isRepeated(slot, fragment));
        if (repeated) {
          signSlot(repeated, fragment);
          continue;
        }
        const slot = find(fragment, named) ?? open(fragment);
        if (fragment.index !== undefined) byIndex.set(fragment.index, slot);
        if (fragment.name !== '') named.push(slot);
        add(slot, fragment);
      }
      if (named.length > 0) batch = named;
    },
    pushLegacy(call) {
      const fragment = { position: 0, id: '', name: call.name ?? '', text: inputText(call.arguments), custom: false };
      if (fragment.name === '' && fragment.text === '') return;
      legacy ??= open(fragment);
      add(legacy, fragment);
    },
    any: () => slots.length > 0,
  };
}

/** Whether a fragment that could continue `slot` starts a call of its own instead. Only a start has a name. */
function startsAnother(slot: Slot, { id, name, text }: Fragment, named: Slot[]): boolean {
  if (name === '' || slot.name === '') return false;
  if (id !== '' && slot.id !== '' && id !== slot.id) return true;
  // Within one chunk, each entry with a name is a call.
  if (named.includes(slot)) return true;
  if (name !== slot.name) return true;
  // The name again: some repeat it in every fragment. A second input after a whole one belongs to a second call.
  return text !== '' && isWhole(slot.text) && text !== slot.text;
}

/** Some end with the whole call once more, or send it at several indexes (LocalAI#9722). */
function isRepeated(slot: Slot, { id, name, text }: Fragment): boolean {
  return id !== '' && id === slot.id && name === slot.name && text === slot.text && isWhole(text);
}

function isWhole(text: string): boolean {
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
    name: (isCustom ? custom?.name : called?.name) ?? '',
    text: inputText(isCustom ? custom?.input : called?.arguments),
    custom: isCustom,
    ...(signature !== undefined && { signature }),
  };
  return typeof place === 'number' && Number.isInteger(place) && place >= 0 ? { ...fragment, index: place } : fragment;
}

/** Arguments are text; some servers send the object. */
function inputText(input: unknown): string {
  if (typeof input === 'string') return input;
  return input === undefined || input === null ? '' : JSON.stringify(input);
}
