import { describe, expect, it } from 'vitest';
import { outputKinds, type OutputKind } from '../../../src/transformers/outputKind.ts';

function kindsOf(input: object): OutputKind[] {
  return outputKinds({ type: 'tool-call', id: 'a', name: 'shell', kind: 'function', input: JSON.stringify(input) });
}

describe('a command line', () => {
  it.each<[string, OutputKind[]]>([
    ['npm test', ['build', 'test']],
    ['cd app && npm run test:unit -- --run 2>&1 | tail -50', ['build', 'test']],
    ['CI=1 timeout 60 npx vitest run', ['test']],
    ['npm ci; npm run build > /dev/null', ['install', 'build']],
    ['sudo -u me apt-get install -y jq', ['install']],
    ['time -f %e cargo build --release', ['build']],
    ['./gradlew test', ['build', 'test']],
    ['python3 -m pytest -q', ['test']],
    ['python -m pip install -r requirements.txt', ['install']],
    ['uv run pytest', ['test']],
    ['pnpm exec vitest', ['test']],
    ['go test ./... \\\n  -run A', ['test']],
    ['git -C sub --no-pager diff HEAD~1', ['git-diff']],
    ['git show abc', ['git-diff']],
    ['git log -p', ['git-log', 'git-diff']],
    ['git status --short', ['git-status']],
    ['git add . && git commit -m "a; b" && git push', ['git-transfer']],
    ['rg -n "a|b" src', ['search']],
    ['grep -rn foo .', ['search']],
    ["bash -c 'npm test'", []],
  ])('%s', (command, kinds) => {
    expect(kindsOf({ command })).toEqual(kinds);
    expect(kindsOf({ cmd: command })).toEqual(kinds);
    expect(kindsOf({ command: ['bash', '-lc', command] })).toEqual(kinds);
  });

  it('may be a list of words', () => {
    expect(kindsOf({ command: ['npm', 'run', 'build; x'] })).toEqual([]);
    expect(kindsOf({ command: ['git', 'diff', "it's; cat a"] })).toEqual(['git-diff']);
    expect(kindsOf({ command: ['git', 'diff', '--', 'a b.ts'] })).toEqual(['git-diff']);
  });
});

describe('output that may be needed verbatim has no kind', () => {
  it.each([
    'cat src/a.ts',
    "sed -n '1,200p' a.ts",
    'cat a.ts && npm test',
    'npm test | grep FAIL',
    'npm test | tee log | cat',
    'cat log | tail -5',
    'git show HEAD:src/a.ts',
    'git stash show -p',
    'rg -A 3 foo',
    'grep -c foo a',
    'grep -rl foo',
    'npm start',
    'npm run dev',
    'cargo run',
    'node script.js',
    'python -m http.server',
    'echo $(cat a.ts) && npm test',
    'npm test "$(cat a)"',
    '(cd a; npm test)',
    'npm test &',
    'for f in a b; do npm test; done',
    "cat <<'EOF'\nnpm test\nEOF",
    'npm test "unclosed',
    'tail -f x',
    '',
  ])('%s', (command) => {
    expect(kindsOf({ command })).toEqual([]);
  });

  it.each([{}, { command: 7 }, { command: ['npm', 7] }, { file_path: 'a', command: null }])('%j', (input) => {
    expect(kindsOf(input)).toEqual([]);
  });

  it('nor has the result of a tool with free text', () => {
    const input = JSON.stringify({ command: 'npm test' });
    expect(outputKinds({ type: 'tool-call', id: 'a', name: 'exec', kind: 'custom', input })).toEqual([]);
    expect(outputKinds({ type: 'tool-call', id: 'a', name: 'exec', kind: 'function', input: 'npm test' })).toEqual([]);
  });
});
