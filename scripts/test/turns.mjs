// Shows the output of stages that run at the same time one after the other: the first one's as it comes, the others' in turn.

/**
 * @param {{ write: (chunk: Buffer | string) => void }} output
 * @returns a function that opens an output for each stage, `{ write, end }`, in the order in which they are shown
 */
export function createTurns(output) {
  const open = [];
  const show = (turn) => turn.held.splice(0).forEach((chunk) => output.write(chunk));
  return () => {
    const turn = { held: [], isEnded: false };
    open.push(turn);
    return {
      write(chunk) {
        turn.held.push(chunk);
        if (turn === open[0]) show(turn);
      },
      end() {
        turn.isEnded = true;
        while (open[0]?.isEnded) {
          open.shift();
          if (open[0]) show(open[0]);
        }
      },
    };
  };
}
