import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Message } from '../../../src/canonical/request.ts';
import { isMark } from '../../../src/transformers/leaveOut.ts';
import { compressOutput, outputCompress } from '../../../src/transformers/outputCompress.ts';
import type { OutputKind } from '../../../src/transformers/outputKind.ts';
import { requestOf } from './requests.ts';

function times(count: number, line: (index: number) => string): string[] {
  return Array.from({ length: count }, (_, index) => line(index));
}

function compress(kinds: OutputKind[], lines: string[]): string[] {
  return compressOutput(lines.join('\n'), kinds).split('\n');
}

describe('tests', () => {
  it('that pass are left out, failures stay with what is around them', () => {
    const passing = times(60, (index) => ` ✓ src/a${index}.test.ts (3 tests) 4ms`);
    const failure = [' ❯ src/b.test.ts (1 test | 1 failed)', '   × adds', '     → expected 1 to be 2'];
    const summary = ['', ' Tests  1 failed | 180 passed'];
    expect(compress(['test'], ['RUN v5', ...passing, ...failure, ...passing, ...summary])).toEqual([
      'RUN v5',
      '[ccr: 58 lines of passing tests left out]',
      ...passing.slice(-2),
      ...failure,
      ...passing.slice(0, 1),
      '[ccr: 58 lines of passing tests left out]',
      ...passing.slice(-1),
      ...summary,
    ]);
  });

  it.each([
    ['cargo test', 'test gateway::retries ... ok', 'test gateway::waits ... FAILED'],
    ['cargo test, ignored', 'test a ... ok', 'test b ... ignored'],
    ['go test', '--- PASS: TestA (0.00s)', '--- FAIL: TestB (0.00s)'],
    ['go packages', 'ok  \texample.com/a\t0.012s', 'FAIL\texample.com/b\t0.1s'],
    ['pytest -v', 'tests/a.py::test_a PASSED           [ 12%]', 'tests/a.py::test_b FAILED           [ 13%]'],
    ['pytest', 'tests/test_a.py ......   [ 40%]', 'tests/test_b.py ..F...   [ 50%]'],
    ['TAP', 'ok 12 - adds', 'not ok 13 - subtracts'],
    ['TAP, to do', 'ok 12 - adds', 'ok 13 - later # TODO'],
    ['Jest', 'PASS src/a.test.js', 'FAIL src/b.test.js'],
    ['Gradle', 'ATest > adds() PASSED', 'ATest > subtracts() FAILED'],
    ['with colours', '\u001b[32m✓\u001b[39m adds', '\u001b[31m×\u001b[39m subtracts'],
  ])('of %s', (_, pass, other) => {
    const out = compress(['test'], [...times(50, () => pass), other, ...times(50, () => pass)]);
    expect(out.filter((line) => line === other)).toEqual([other]);
    expect(out.length).toBeLessThan(10);
  });
});

describe('progress', () => {
  it.each<[OutputKind, string, string]>([
    ['build', '   Compiling thiserror v2.0.1', 'error[E0308]: mismatched types'],
    ['build', '   Compiling serde v1.0.1', 'warning: unused variable: `a`'],
    ['build', '[ 12%] Building CXX object a.cc.o', 'a.cc:12:3: error: expected ;'],
    ['build', '[12/300] CXX a.o', '[13/300] warning: b'],
    ['build', 'gcc -O2 -Werror -c a.c', 'gcc: fatal error: no input files'],
    ['build', '> Task :app:compileJava UP-TO-DATE', '> Task :app:test FAILED'],
    ['build', 'make[2]: Entering directory /a', 'make[2]: *** [all] Error 2'],
    ['install', 'npm http fetch GET 200 https://a.example/b 12ms', 'npm http fetch GET 404 https://a.example/c'],
    ['install', 'npm timing idealTree Completed in 3ms', 'npm warn deprecated a@1: use b'],
    ['install', 'Collecting requests', 'ERROR: No matching distribution found for nothing'],
    ['install', 'Get:12 http://a.example stable/main jq', 'E: Unable to locate package nothing'],
    ['install', 'go: downloading example.com/a v1.2.3', 'go: example.com/b: not found'],
    ['git-transfer', 'remote: Counting objects:  12% (1/8)', 'error: failed to push some refs'],
    ['git-transfer', 'Receiving objects: 1%\rReceiving objects: 100%, done.', ' 3 files changed, 4 insertions(+)'],
  ])('of a %s: %s', (kind, progress, other) => {
    const out = compress([kind], [...times(50, () => progress), other, ...times(50, () => progress)]);
    expect(out).toContain(other);
    expect(out.filter(isMark).length).toBeGreaterThan(0);
    expect(out.length).toBeLessThan(10);
  });

  it('with empty lines in between goes as one', () => {
    expect(
      compress(
        ['build'],
        times(60, (index) => (index % 2 ? '' : '   Compiling a v1')),
      ),
    ).toEqual(['[ccr: 59 lines of build progress left out]', '']);
  });
});

describe('git', () => {
  const diffOf = (file: string, lines: string[]): string[] => [
    `diff --git a/${file} b/${file}`,
    'index 1..2 100644',
    `--- a/${file}`,
    `+++ b/${file}`,
    '@@ -1,2 +1,2 @@',
    ...lines,
  ];
  it('diffs stay whole, but for generated files and minified lines', () => {
    const source = diffOf(
      'src/a.ts',
      times(100, (index) => `+  line ${index}`),
    );
    const lock = diffOf(
      'app/package-lock.json',
      times(300, (index) => `+    "version": "${index}",`),
    );
    const minified = diffOf('b.js', [`-${'x'.repeat(3000)}`, '+y']);
    expect(compress(['git-diff'], [...source, ...lock, ...minified])).toEqual([
      ...source,
      ...lock.slice(0, 4),
      '[ccr: 301 changed lines of app/package-lock.json left out]',
      ...minified.slice(0, 5),
      '[ccr: 1 minified line left out]',
      '+y',
    ]);
  });

  it('logs keep what is newest, and all changes', () => {
    const log = times(400, (index) => `${index.toString(16).padStart(7, '0')} A subject`);
    expect(compress(['git-log', 'git-diff'], log)).toEqual([
      ...log.slice(0, 150),
      '[ccr: 250 lines of the older log left out]',
    ]);
    const patches = [...log, ...diffOf('a.ts', ['+a'])];
    expect(compress(['git-log', 'git-diff'], patches)).toEqual(patches);
  });

  it('status keeps all but a long list of untracked files', () => {
    const changed = times(60, (index) => `\tmodified:   a${index}`);
    const untracked = times(100, (index) => `\tout/${index}`);
    const status = [
      'Changes not staged for commit:',
      ...changed,
      '',
      'Untracked files:',
      ...untracked,
      '',
      'no changes added',
    ];
    expect(compress(['git-status'], status)).toEqual([
      ...status.slice(0, 63), ...untracked.slice(0, 40), '[ccr: 60 further untracked files left out]', '', 'no changes added',
    ]); // prettier-ignore
    expect(
      compress(
        ['git-status'],
        times(100, (index) => `?? out/${index}`),
      ),
    ).toHaveLength(41);
  });
});

describe('searches', () => {
  it('keep every file, with its first matches', () => {
    const many = times(50, (index) => `src/a.ts:${index}: error`);
    const few = times(3, (index) => `src/b.ts:${index}: error`);
    expect(compress(['search'], [...many, ...few])).toEqual([
      ...many.slice(0, 20),
      '[ccr: 30 further matches in src/a.ts left out]',
      ...few,
    ]);
  });

  it('of a single file stay whole', () => {
    const lines = times(100, (index) => `${index}:    const value = read(a, b);`);
    expect(compress(['search'], lines)).toEqual(lines);
  });

  it('lose matches in generated files', () => {
    const lines = [...times(50, (index) => `src/${index}.ts:1:a`), `dist/a.js:1:${'x'.repeat(3000)}`];
    expect(compress(['search'], lines).at(-1)).toBe('[ccr: 1 very long match in dist/a.js left out]');
  });
});

describe('the request', () => {
  const output = times(60, () => ' ✓ adds').join('\n');
  function conversation(command: string, text = output, id = 'a'): Message[] {
    const input = JSON.stringify({ command });
    return [
      { role: 'assistant', parts: [{ type: 'tool-call', id, name: 'Bash', kind: 'function', input }] },
      {
        role: 'tool',
        parts: [{ type: 'tool-result', callId: id, kind: 'function', isError: false, parts: [{ type: 'text', text }] }],
      },
    ];
  }
  function results(messages: Message[], options: object = {}): string[] | undefined {
    const request = requestOf({ messages });
    const before = structuredClone(request);
    const out = outputCompress({ ...options })(request)?.request;
    expect(request).toEqual(before);
    expect(out?.source).toBeUndefined();
    return out?.messages.flatMap(({ parts }) =>
      parts.flatMap((part) =>
        part.type === 'tool-result' ? part.parts.map((each) => (each.type === 'text' ? each.text : '')) : [],
      ),
    );
  }

  it('has its results shortened by the command, and is not relayed', () => {
    expect(results(conversation('npm test'))).toEqual(['[ccr: 60 lines of passing tests left out]']);
  });

  it('is not edited if there is nothing to shorten', () => {
    expect(results(conversation('cat test.log'))).toBeUndefined();
    expect(results(conversation('npm test', output.slice(0, 100)))).toBeUndefined();
    expect(results(conversation('npm test').slice(1))).toBeUndefined();
  });

  it('with ids that repeat takes the call before each result', () => {
    const messages = [...conversation('cat a'), ...conversation('npm test'), ...conversation('cat a')];
    expect(results(messages)).toEqual([output, '[ccr: 60 lines of passing tests left out]', output]);
  });

  it('may set its own threshold', () => {
    expect(results(conversation('npm test'), { min_lines: 61 })).toBeUndefined();
    expect(results(conversation('npm test', output.slice(0, 100)), { min_lines: 5 })).toHaveLength(1);
    expect(results(conversation('npm test'), { min_lines: 'many' })).toHaveLength(1);
  });

  it('keeps its prefix from turn to turn', () => {
    const first = conversation('npm test');
    const transform = outputCompress({});
    const before = transform(requestOf({ messages: first }))?.request.messages ?? [];
    const after = transform(requestOf({ messages: [...first, ...conversation('npm test', output, 'b')] }));
    expect(after?.request.messages.slice(0, 2)).toEqual(before);
  });
});

it.each([
  ['a::'.repeat(300_000)],
  ['./'.repeat(300_000)],
  ['gcc -'.repeat(200_000)],
  ['\u001b[1'.repeat(200_000)],
  [' '.repeat(1_000_000) + 'a'],
])('takes no long time over a line that was made for it', (line) => {
  const before = performance.now();
  compressOutput(times(50, () => line.slice(0, 400_000)).join('\n'), kinds);
  expect(performance.now() - before).toBeLessThan(5000);
});

const kinds: OutputKind[] = ['build', 'test', 'install', 'git-diff', 'git-log', 'git-status', 'git-transfer', 'search'];
const lines = [
  ' ✓ adds', 'ok 1 - a', '   Compiling a v1', 'gcc -c a.c', 'Collecting a', ' * [new branch] a', 'error: no', 'npm warn a',
  'a line', '', '', '\u001b[32m✓\u001b[39m a', 'diff --git a/yarn.lock b/yarn.lock', 'diff --git a/a.ts b/a.ts', '@@ -1 +1 @@',
  '+ added', `+${'x'.repeat(2500)}`, 'commit 0123456789', 'Untracked files:', '\ta', '?? a', 'a.ts:1: b', `a.ts:2: ${'y'.repeat(2500)}`,
  '[ccr: 999 lines of passing tests left out]', 'Downloading a\rDownloading a 100%',
]; // prettier-ignore

const foreignMark = lines.find(isMark);

it('keeps lines unchanged and in order, never grows, and is idempotent', () => {
  const run = fc.tuple(fc.constantFrom(...lines), fc.oneof(fc.nat(4), fc.constant(50))).map(([line, count]) => times(count, () => line)); // prettier-ignore
  const output = fc.array(run, { maxLength: 30 }).map((runs) => runs.flat().join('\n'));
  const property = fc.property(output, fc.subarray(kinds, { minLength: 1 }), (text, some) => {
    const once = compressOutput(text, some);
    expect(once.length).toBeLessThanOrEqual(text.length);
    expect(compressOutput(once, some)).toBe(once);
    const given = text.split('\n');
    let at = 0;
    const isNext = (line: string): boolean => {
      at = given.indexOf(line, at) + 1;
      return at > 0;
    };
    const added = once.split('\n').filter((line) => !(isMark(line) && line !== foreignMark) && !isNext(line));
    expect(added).toEqual([]);
    const warnings = (whole: string): number => whole.split('\n').filter((line) => /^(error|npm warn)/.test(line)).length; // prettier-ignore
    if (!some.includes('git-log') && !some.includes('git-diff')) expect(warnings(once)).toBe(warnings(text));
  });
  fc.assert(property, { numRuns: 300 });
});
