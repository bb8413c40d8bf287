import { describe, expect, it } from 'vitest';
import { createRequest } from '../../../src/canonical/editRequest.ts';
import { GatewayError } from '../../../src/canonical/errors.ts';
import { dialectById } from '../../../src/dialects/registry.ts';
import { keepAliveMs, openClientStream } from '../../../src/gateway/clientStream.ts';
import { joinPieces } from '../../../src/sse/pieces.ts';
import { createFakeClock } from '../../support/fakeClock.ts';
import { testSealer } from '../../support/testSealer.ts';

function open() {
  const clock = createFakeClock();
  const written: string[] = [];
  const waiting: (() => void)[] = [];
  let opened = false;
  const stream = openClientStream({
    dialect: dialectById('openai-chat'),
    context: {
      model: 'm',
      request: createRequest({ messages: [], tools: [], toolChoice: { type: 'auto' }, stream: true, sampling: {} }),
      client: 'other',
      sealer: testSealer,
      createdAt: 0,
      newId: (prefix) => `${prefix}_1`,
    },
    response: {
      isOpen: () => opened,
      open: () => void (opened = true),
      write(text) {
        written.push(joinPieces(text));
        return new Promise((resolve) => waiting.push(resolve));
      },
      end: (text) => void written.push(`${joinPieces(text ?? '')}(end)`),
    },
    clock,
    headers: () => ({}),
  });
  return { clock, stream, written, waiting };
}

describe('openClientStream', () => {
  it('sends no keep-alives while the client is behind, and resumes them once it has caught up', async () => {
    const { clock, stream, written, waiting } = open();
    stream.push({ type: 'start' });
    void stream.flush();
    await clock.advance(10 * keepAliveMs);
    expect(written).toHaveLength(1);
    waiting.shift()?.();
    await clock.advance(keepAliveMs);
    expect(written).toHaveLength(2);
    expect(written[1]).toContain('keep-alive');
  });

  it('sends a keep-alive when nothing else was sent for that long, and not before', async () => {
    const { clock, stream, written, waiting } = open();
    await clock.advance(keepAliveMs - 1000);
    stream.push({ type: 'start' });
    void stream.flush();
    waiting.shift()?.();
    await clock.advance(keepAliveMs - 1);
    expect(written).toHaveLength(1);
    await clock.advance(1);
    expect(written).toHaveLength(2);
  });

  it('leaves no timer running when it stops while the client is behind', async () => {
    const { clock, stream, waiting } = open();
    stream.push({ type: 'start' });
    void stream.flush();
    stream.stop();
    waiting.shift()?.();
    await clock.advance(0);
    expect(await clock.next()).toBe(false);
  });

  it('ends once, and ignores later calls', () => {
    const { stream, written } = open();
    stream.push({ type: 'finish', reason: 'stop', raw: 'stop' });
    stream.end();
    stream.fail(new GatewayError('internal', 'too late'));
    expect(written).toHaveLength(1);
    expect(written[0]).toMatch(/\(end\)$/);
  });
});
