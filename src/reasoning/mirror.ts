/** Where reasoning came from: its own field, or tags in the text. */
export type ReasoningSource = 'native' | 'tagged';

export type Mirror = {
  /** The new part of `text`: '' if the other source has already sent it. */
  push(source: ReasoningSource, text: string): string;
  /** Whether both sources have sent the same text so far. */
  mirrored(): boolean;
};

/**
 * Some providers send the same reasoning twice, in tags and in `reasoning_content` (MiniMax M3: vellum#34556,
 * test/fixtures/providers/minimax-think-tags-mirrored.sse). Text from the source that is ahead is sent immediately; the other
 * source is compared with it and dropped. If they differ, they were not copies, and all of the second source is sent.
 */
export function createMirror(): Mirror {
  let leader: ReasoningSource | undefined;
  /** Text of the leader that the other source has not repeated yet. */
  let ahead = '';
  /** Dropped text of the other source, to be sent if the sources turn out to differ. */
  let repeated = '';
  let apart = false;
  const begun = { native: false, tagged: false };

  /** Ignores line ends at the start: tagged text may have some that the field lacks. */
  function comparable(source: ReasoningSource, text: string): string {
    const plain = begun[source] ? text : text.replace(/^\n+/, '');
    begun[source] ||= plain !== '';
    return plain;
  }

  function lead(source: ReasoningSource, text: string): string {
    leader = source;
    ahead += comparable(source, text);
    return text;
  }

  function follow(source: ReasoningSource, raw: string): string {
    const text = comparable(source, raw);
    if (ahead.startsWith(text)) {
      ahead = ahead.slice(text.length);
      repeated += text;
      return '';
    }
    if (text.startsWith(ahead)) {
      const rest = text.slice(ahead.length);
      leader = source;
      ahead = rest;
      // Both sources are equal up to here, so nothing dropped is needed any more.
      repeated = '';
      return rest;
    }
    apart = true;
    return repeated + text;
  }

  return {
    push(source, text) {
      if (apart) return text;
      return leader === undefined || leader === source ? lead(source, text) : follow(source, text);
    },
    mirrored: () => !apart,
  };
}
