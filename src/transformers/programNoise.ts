import type { Labels } from './leaveOut.ts';
import type { OutputKind } from './outputKind.ts';

type NoiseKind = Extract<OutputKind, 'build' | 'test' | 'install' | 'git-transfer'>;

/**
 * Lines that only report normal progress. Only lines that match a known pattern are noise: everything else is kept,
 * including errors, failures, warnings, summaries and the program's own output.
 */
const noiseKinds: Record<NoiseKind, { label: string; patterns: RegExp[] }> = {
  test: {
    label: 'lines of passing tests',
    patterns: [
      // Vitest, Jest, Mocha, node:test.
      /^\s*[✓✔√]\s/,
      /^\s*PASS\s+\S/,
      // cargo test, unittest.
      /^test .+ \.\.\. ok$/,
      /^\w+ \(.+\) \.\.\. ok$/,
      // go test.
      /^=== (?:RUN|PAUSE|CONT|NAME)\s/,
      /^\s*--- PASS: /,
      /^ok\s+\S+\s+(?:\(cached\)|[\d.]+s)/,
      /^\?\s+\S+\s+\[no test files\]$/,
      // TAP.
      /^\s*ok \d+(?: (?!.*# (?:TODO|SKIP|todo|skip)).*)?$/,
      /^\s*# Subtest: /,
      // pytest.
      /^\S+::.+ PASSED(?:\s+\[\s*\d+%\])?$/,
      /^\S+\.py \.+\s*(?:\[\s*\d+%\])?$/,
      // Gradle, CTest, dotnet.
      /^\S.* > .+ PASSED$/,
      /^\s*\d+\/\d+ Test\s+#\d+: .*\bPassed\s+[\d.]+ sec$/,
      /^\s+Start\s+\d+: /,
      /^\s+Passed .+ \[[^\]]+\]$/,
    ],
  },
  build: {
    label: 'lines of build progress',
    patterns: [
      // Cargo.
      /^\s+(?:Compiling|Checking|Downloading|Downloaded|Fresh|Dirty|Documenting|Unpacking|Scraping)\s/,
      /^\s+(?:Updating crates\.io index|Blocking waiting for file lock)/,
      // CMake, Ninja, make.
      /^\[\s*\d+%\] (?:Building|Generating|Linking|Built|Copying|Automatic)\b/,
      /^\[\d+\/\d+\] (?!.*\b(?:[Ee]rror|ERROR|[Ww]arning|WARNING|[Ff]ailed|FAILED)\b)/,
      /^-- (?:Looking for|Check(?:ing)?|Performing Test|Detecting)\b(?!.*\b(?:[Nn]ot [Ff]ound|[Ff]ailed)\b)/,
      /^(?:\S*\/)?(?:gcc|g\+\+|cc|c\+\+|clang|clang\+\+|ar|ranlib|rustc|javac)\s.*\s?-\w/,
      /^make(?:\[\d+\])?: (?:Entering|Leaving) directory/,
      /^\s+(?:CC|CXX|LD|AR|AS|GEN|HOSTCC|HOSTLD)\s+(?:\[M\]\s+)?\S+$/,
      /^libtool: (?:compile|link):/,
      // Gradle, Maven.
      /^> Task \S+(?: (?:UP-TO-DATE|NO-SOURCE|FROM-CACHE|SKIPPED))?$/,
      /^(?:\[INFO\] )?Download(?:ing|ed)(?: from \S+)?: /,
      /^Progress \(\d+\): /,
      // webpack.
      /^(?:<s> )?\[webpack\.Progress\]/,
    ],
  },
  install: {
    label: 'lines of installation progress',
    patterns: [
      // npm, pnpm, Yarn.
      /^npm (?:http|timing|verbose|verb|silly|sill) (?!.*\s[45]\d\d\b)/,
      /^Progress: resolved \d/,
      /^\++$/,
      /^➤ YN00(?:13|19): /,
      // pip.
      /^\s*(?:Collecting|Using cached|Requirement already satisfied:|Obtaining|Preparing metadata|Getting requirements|Installing build dependencies|Building wheel|Created wheel|Stored in directory:)\s?(?!.*\berror\b)/,
      /^\s*Downloading \S+/,
      /^\s*[━╸╺]{5}/,
      // apt.
      /^(?:Get|Hit|Ign):\d+ /,
      /^(?:Selecting previously unselected package|Preparing to unpack|Unpacking|Setting up|\(Reading database|Processing triggers for)\s?/,
      // Go, Bundler, Composer, Homebrew.
      /^go: (?:downloading|extracting|finding) /,
      /^(?:Fetching|Installing|Using) [\w-]+ \d[\w.]*$/,
      /^\s+- (?:Downloading|Extracting) \S+ \(/,
      /^==> (?:Downloading|Fetching|Pouring) /,
      /^#+\s+[\d.]+%$/,
    ],
  },
  'git-transfer': {
    label: 'lines of transfer progress',
    patterns: [
      /^(?:remote: )?(?:Enumerating|Counting|Compressing|Receiving|Writing|Unpacking) objects:\s+\d/,
      /^(?:remote: )?Resolving deltas:\s+\d/,
      /^Updating files:\s+\d/,
      /^remote: Total \d/,
      /^ \* \[new (?:branch|tag)\] /,
    ],
  },
};

/** One expression per kind, for speed: a result may have thousands of lines, and every turn contains all earlier results. */
const noise = new Map(
  Object.entries(noiseKinds).map(([kind, { label, patterns }]) => [
    kind,
    { label, pattern: new RegExp(patterns.map(({ source }) => `(?:${source})`).join('|')) },
  ]),
);

const alarm = /\b(?:error|warn(?:ing)?|fail(?:ed|ure|ures|ing|s)?|panic(?:ked)?|exception|traceback|fatal|assert\w*|not ok|denied|cannot|unable)\b|[✗✕×✘❌]/i; // prettier-ignore

/** Lines of noise kept before and after a line that reports a problem. */
const contextLines = 2;

/** Longer lines are never treated as noise: matching them would be slow. Characters. */
const longestNoise = 1000;

export function isNoiseKind(kind: OutputKind): kind is NoiseKind {
  return noise.has(kind);
}

export function labelNoise(lines: readonly string[], kinds: readonly NoiseKind[]): Labels {
  const bare = lines.map(plain);
  const labels = bare.map((line) => {
    if (line.length > longestNoise) return undefined;
    const kind = kinds.find((each) => noise.get(each)?.pattern.test(line));
    return kind && noise.get(kind)?.label;
  });
  bridgeBlanks(bare, labels);
  const isAlarm = bare.map((line, index) => labels[index] === undefined && alarm.test(line));
  return labels.map((label, index) => {
    const near = isAlarm.slice(Math.max(0, index - contextLines), index + contextLines + 1);
    return near.includes(true) ? undefined : label;
  });
}

// eslint-disable-next-line no-control-regex
const escapes = /\u001b\[[\d;?]*[a-zA-Z]/g;

/** The line as a terminal shows it: without colours and overwritten text. */
function plain(line: string): string {
  const shown = line.includes('\r') ? (line.split('\r').findLast((each) => each.trim() !== '') ?? '') : line;
  return shown.replaceAll(escapes, '').trimEnd();
}

/** Labels empty lines between lines of the same kind of noise. */
function bridgeBlanks(lines: readonly string[], labels: Labels): void {
  let before: string | undefined;
  let since = 0;
  for (const [index, line] of lines.entries()) {
    const label = labels[index];
    if (label === undefined && line.trim() === '') continue;
    if (label !== undefined && label === before) labels.fill(label, since, index);
    before = label;
    since = index + 1;
  }
}
