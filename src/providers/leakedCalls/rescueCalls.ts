import type { Delta } from '../../canonical/events.ts';
import type { JsonObject, Tool } from '../../canonical/request.ts';
import type { Stage } from '../../canonical/stage.ts';
import { findTag, partialTagLength } from '../../reasoning/tags.ts';
import { markupGrammars, type MarkupCall, type MarkupGrammar } from './grammars.ts';
import { trackQuotation, type Quotation } from './quotation.ts';

type Prose = Extract<Delta, { type: 'text-delta' | 'reasoning-delta' }>;

/** What is known of one block of prose. `held` begins with an opener, or with what may become one. */
type Block = { held: Prose | undefined; quotation: Quotation; hasCalls: boolean };

/** A section that is longer than this is text. Characters. */
const maxSection = 1024 * 1024;

const textOpeners = markupGrammars.flatMap(({ openers }) => openers);
const reasoningOpeners = markupGrammars.flatMap(({ openers, inReasoning }) => (inReasoning ? openers : []));

/**
 * Takes tool calls that a server left in the text as the model's own markup out of it and makes calls of them; where the
 * reply has calls in their proper field too, the markup is dropped. It acts only on a section whose calls are all whole and
 * of declared tools; everything else passes as it came, quoted code too. Only what may be markup is held back.
 */
export function rescueCalls(tools: readonly Tool[]): Stage<Delta, Delta> {
  const schemas = new Map<string, JsonObject>();
  for (const tool of tools) if (tool.kind === 'function') schemas.set(tool.name, tool.parameters);
  const schemaOf = (name: string): JsonObject | undefined => schemas.get(name);

  return (emit) => {
    const blocks = new Map<string, Block>();
    let hasOwnCalls = false;
    let rescued = 0;

    function blockOf(delta: Prose): Block {
      const key = blockKey(delta);
      const known = blocks.get(key);
      if (known) return known;
      const block: Block = { held: undefined, quotation: trackQuotation(), hasCalls: false };
      blocks.set(key, block);
      return block;
    }

    function push(delta: Prose): void {
      const block = blockOf(delta);
      // A block without text may carry a proof.
      if (delta.text === '' && !block.held) return emit(delta);
      const text = (block.held?.text ?? '') + delta.text;
      block.held = undefined;
      read(block, { ...delta, text });
    }

    /** Passes text up to the first opener on and reads the section from there, as far as it has come. */
    function read(block: Block, delta: Prose): void {
      const openers = delta.type === 'text-delta' ? textOpeners : reasoningOpeners;
      const { text } = delta;
      const found = findTag(text, openers);
      const clear = found ? found.index : text.length - partialTagLength(text, openers);
      pass(block, { ...delta, text: text.slice(0, clear) });
      if (clear === text.length) return;
      if (found && block.quotation.isOpen()) return passOpener(block, delta, clear + found.tag.length, clear);
      const rest = { ...delta, text: text.slice(clear) };
      const grammar = found && grammarOf(found.tag);
      const end = grammar ? endOfSection(rest.text, grammar) : undefined;
      if (!grammar || end === undefined) return hold(block, rest);
      settle(block, { ...rest, text: rest.text.slice(0, end) }, grammar);
      if (end < rest.text.length) read(block, { ...delta, text: rest.text.slice(end) });
    }

    function passOpener(block: Block, delta: Prose, end: number, start: number): void {
      pass(block, { ...delta, text: delta.text.slice(start, end) });
      if (end < delta.text.length) read(block, { ...delta, text: delta.text.slice(end) });
    }

    function hold(block: Block, delta: Prose): void {
      if (delta.text.length > maxSection) pass(block, delta);
      else block.held = delta;
    }

    /** White space between two calls is part of the markup. */
    function pass(block: Block, delta: Prose): void {
      if (delta.text === '' || (block.hasCalls && delta.text.trim() === '')) return;
      block.quotation.push(delta.text);
      emit(delta);
    }

    function settle(block: Block, section: Prose, grammar: MarkupGrammar): void {
      const calls = grammar.read(section.text, schemaOf);
      if (calls.length === 0 || !calls.every(({ name }) => schemas.has(name))) return pass(block, section);
      block.hasCalls = true;
      if (!hasOwnCalls) for (const call of calls) emitCall(call);
    }

    function emitCall({ id, name, input }: MarkupCall): void {
      const key = `rescued-${rescued++}`;
      emit({ type: 'tool-delta', key, ...(id !== undefined && { id }), name, text: input });
      emit({ type: 'block-end', key });
    }

    /** The block is over: a section that lacks its end may hold whole calls. */
    function release(block: Block): void {
      const { held } = block;
      block.held = undefined;
      if (!held) return;
      const found = findTag(held.text, held.type === 'text-delta' ? textOpeners : reasoningOpeners);
      const grammar = found && found.index === 0 ? grammarOf(found.tag) : undefined;
      if (grammar) settle(block, held, grammar);
      else pass(block, held);
    }

    function releaseAll(): void {
      for (const block of blocks.values()) release(block);
    }

    /** Prose of another block, or a call: what is held of earlier prose must go out before it. */
    function releaseOthers(key: string | undefined): void {
      for (const [each, block] of blocks) if (each !== key) release(block);
    }

    return {
      push(delta) {
        switch (delta.type) {
          case 'text-delta':
          case 'reasoning-delta':
            releaseOthers(blockKey(delta));
            return push(delta);
          case 'tool-delta':
            hasOwnCalls = true;
            return emit(delta);
          case 'block-end': {
            for (const type of ['text-delta', 'reasoning-delta'] as const) {
              const key = `${type} ${delta.key}`;
              const block = blocks.get(key);
              if (block) release(block);
              blocks.delete(key);
            }
            return emit(delta);
          }
          case 'finish':
            releaseAll();
            return emit(rescued > 0 && delta.reason === 'stop' ? { ...delta, reason: 'tool-calls' } : delta);
          case 'done':
            releaseAll();
            return emit(delta);
          case 'error':
            // The call may not be all of it.
            for (const { held } of blocks.values()) if (held) emit(held);
            blocks.clear();
            return emit(delta);
          case 'start':
          case 'refusal-delta':
          case 'native':
          case 'usage':
            return emit(delta);
          default:
            return delta satisfies never;
        }
      },
      end: releaseAll,
    };
  };
}

function blockKey({ type, key }: Prose): string {
  return `${type} ${key}`;
}

function grammarOf(opener: string): MarkupGrammar | undefined {
  return markupGrammars.find(({ openers }) => openers.includes(opener));
}

function endOfSection(text: string, { closers }: MarkupGrammar): number | undefined {
  const found = findTag(text, closers);
  return found && found.index + found.tag.length;
}
