import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createDebugCapture, type DebugCapture, type DebugCaptureParts } from '../../src/capture/debugCapture.ts';
import { captureSchema, type Capture } from '../../src/capture/format.ts';
import { createGatewayBench, type Answering, type Asked } from './gatewayBench.ts';
import { testSealer } from './testSealer.ts';

/** A gateway that writes captures into a folder of its own. `close` removes the folder. */
export function createCaptureBench(config: object, answer: Answering, changes: Partial<DebugCaptureParts> = {}) {
  const home = mkdtempSync(path.join(tmpdir(), 'ccr-capture-'));
  const folder = path.join(home, '.ccr-rust', 'captures');
  let captures: DebugCapture | undefined;
  let written = 0;
  const bench = createGatewayBench(config, answer, [], (parts) => {
    captures = createDebugCapture({
      ...parts,
      configFile: () => path.join(home, 'config.json'),
      homeDirectory: home,
      otherSecrets: () => [],
      opener: testSealer,
      version: '1.2.3',
      view: ({ id }) => ({ id }),
      pause: () => Promise.resolve(),
      nanoseconds: () => ++written,
      ...changes,
    });
    return captures.start;
  });
  const names = (): string[] => (statSync(folder, { throwIfNoEntry: false }) ? readdirSync(folder).toSorted() : []);
  const read = (name: string): Capture =>
    captureSchema.parse(JSON.parse(readFileSync(path.join(folder, name), 'utf8')));

  return {
    ...bench,
    home,
    folder,
    names,
    captures: (): Capture[] =>
      names()
        .filter((name) => name.startsWith('ccr_capture_'))
        .map(read),
    /** Sends one request, and waits for its answer and its captures. */
    async send(asked: Asked) {
      const { done, received } = bench.ask(asked);
      await bench.clock.advance(0);
      await done;
      await captures?.idle();
      return received;
    },
    idle: async (): Promise<void> => captures?.idle(),
    close: (): void => rmSync(home, { recursive: true, force: true }),
  };
}
