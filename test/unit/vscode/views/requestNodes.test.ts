import { expect, it } from 'vitest';
import { requestNodes } from '../../../../src/vscode/views/requestNodes.ts';
import { inEnglish } from '../../../../src/canonical/wording.ts';
import { requestOf } from '../fakes.ts';

const hostile = 'm\u202e\n[link](command:x)';

it('lists the newest first, failed ones marked, and names stay on one line without control characters', () => {
  const [last, first] = requestNodes(
    [
      requestOf({ id: 'a', target: 'p,m' }),
      requestOf({ id: 'b', target: hostile, error: 'refused', errorKind: 'auth' }),
    ],
    inEnglish,
  );
  expect(first?.subject).toBe('a');
  expect(last).toMatchObject({ subject: 'b', icon: { name: 'error' }, command: 'ccr.showRequest' });
  expect(last?.description).toContain('failed: API key refused');
  expect(last?.label).not.toMatch(/[\n\u202e]/);
});
