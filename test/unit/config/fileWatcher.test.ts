import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { fileVersions, watchFiles } from '../../../src/config/fileWatcher.ts';

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'ccr-watch-'));
  file = path.join(folder, 'config.json');
});
afterEach(() => rmSync(folder, { recursive: true }));

/** A watcher whose interval passes when the test says so. */
function watch(known = fileVersions([file])) {
  const onChange = vi.fn();
  let pass: () => void = () => undefined;
  const ended = vi.fn();
  const watcher = watchFiles([file], known, onChange, (callback) => {
    pass = callback;
    return ended;
  });
  return { onChange, pass: () => pass(), ended, watcher };
}

describe('a watched file', () => {
  it('that was edited between the reading and the start of the watch counts as changed', async () => {
    const known = fileVersions([file]);
    writeFileSync(file, '{}');
    const { onChange, pass } = watch(known);
    pass();
    await vi.waitFor(() => expect(onChange).toHaveBeenCalledTimes(1));
  });

  it('calls back once for each change, its disappearance included', async () => {
    writeFileSync(file, '{}');
    const { onChange, pass } = watch();
    writeFileSync(file, '{ "PORT": 1 }');
    pass();
    await vi.waitFor(() => expect(onChange).toHaveBeenCalledTimes(1));
    rmSync(file);
    pass();
    await vi.waitFor(() => expect(onChange).toHaveBeenCalledTimes(2));
  });

  it('calls back no more once the watch is closed', async () => {
    const { onChange, pass, ended, watcher } = watch();
    writeFileSync(file, '{}');
    pass();
    watcher.close();
    expect(ended).toHaveBeenCalledTimes(1);
    for (let count = 0; count < 8; count++) await stat(file); // the poll's own is done by then
    expect(onChange).not.toHaveBeenCalled();
  });
});
