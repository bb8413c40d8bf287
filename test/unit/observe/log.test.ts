import { describe, expect, it } from 'vitest';
import { createLog, logLevels } from '../../../src/observe/log.ts';

describe('the log', () => {
  it('writes one line for each message, whatever it quotes', () => {
    const lines: string[] = [];
    const log = createLog(
      () => 'debug',
      (_, message) => lines.push(message),
    );
    for (const level of logLevels) log[level]('asked for x\n2026-01-01T00:00:00Z error forged\r\u001b[2J\u0000\u202e');
    expect(lines).toEqual(
      logLevels.map(() => String.raw`asked for x\n2026-01-01T00:00:00Z error forged\r\u001b[2J\u0000\u202e`),
    );
  });

  it('bounds a message', () => {
    let written = '';
    const log = createLog(
      () => 'info',
      (_, message) => (written = message),
    );
    log.info('x'.repeat(1_000_000));
    expect(written.length).toBeLessThan(10_000);
  });
});
