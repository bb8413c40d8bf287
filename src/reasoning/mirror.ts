/** Where reasoning came from: a field of its own, or tags in the text. */
export type ReasoningSource = 'native' | 'tagged';

export type Mirror = {
  /** What is new in `text`: '' when the other source has said it already. */
  push(source: ReasoningSource, text: string): string;
  /** Whether both sources have been saying the same. */
  mirrored(): boolean;
};

/**
 * Some providers send the same reasoning twice, in tags and in `reasoning_content` (MiniMax M3: vellum#34556,
 * test/fixtures/providers/minimax-think-tags-mirrored.sse). Whichever source is ahead is shown at once, and the other one
 * is compared with it and dropped. When they part, they were never the same, and all of the second source is shown.
 */
export function createMirror(): Mirror {
  let leader: ReasoningSource | undefined;
  /** What the leader said and the other one has yet to repeat. */
  let ahead = '';
  /** What the other one repeated, so far dropped. */
  let repeated = '';
  let apart = false;
  const begun = { native: false, tagged: false };

  /** Line ends at the start are compared as if they were not there: tags may have some that the field has not. */
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
      // From here on both have said all of it: nothing is owed.
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
