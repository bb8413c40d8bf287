import { expect, it } from 'vitest';
import { toCsv } from '../../../../src/vscode/dashboard/exportFile.ts';
import { requestOf } from '../fakes.ts';

it('writes no formula into a spreadsheet, and quotes what would break a row', () => {
  const [, row] = toCsv([requestOf({ model: '=HYPERLINK("x")', error: 'a, b' })]).split('\r\n');
  expect(row).toContain(`"'=HYPERLINK(""x"")"`);
  expect(row).toContain('"a, b"');
});
