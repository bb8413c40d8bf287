import { isObject } from '../canonical/json.ts';
import type { CustomTool, FunctionTool, Tool, ToolResultPart } from '../canonical/request.ts';

/** The file that the demo creates in the client's working directory. */
export const demoFile = 'ccr-demo.md';

/** A call to one of the client's tools that creates the file. */
export type FileCall = { tool: FunctionTool | CustomTool; input: string };

/** The outcome of the call. `words` is the tool's output. */
export type FileOutcome = { type: 'created' } | { type: 'exists' } | { type: 'failed'; words: string };

/** The maximum length of quoted tool output. Characters. */
const longestQuote = 400;

/**
 * The call that writes `line` into the file: with a patch tool if the client has one, or else with a shell. Undefined if the
 * client has neither.
 */
export function findFileCall(tools: readonly Tool[], line: string): FileCall | undefined {
  const safe = line.replaceAll(/[^\w ,.:;()/=@+-]/g, '?');
  const own = tools.filter((tool) => tool.kind !== 'hosted');
  for (const [name, write] of writers) {
    for (const tool of own) {
      const input = tool.name.toLowerCase() === name ? write(tool, safe) : undefined;
      if (input !== undefined) return { tool, input };
    }
  }
  return undefined;
}

type Writer = (tool: FunctionTool | CustomTool, line: string) => string | undefined;

/** By tool name, in order of preference: Codex's patch tool, the shells of several Codex versions, Claude Code's Bash. */
const writers: readonly (readonly [name: string, Writer])[] = [
  ['apply_patch', (tool, line) => writePatch(tool, line)],
  ['exec_command', (_tool, line) => JSON.stringify({ cmd: script(line) })],
  ['shell_command', (_tool, line) => JSON.stringify({ command: script(line) })],
  ['shell', writeShell],
  ['bash', (_tool, line) => JSON.stringify({ command: script(line) })],
];

function writePatch(tool: FunctionTool | CustomTool, line: string): string {
  const patch = ['*** Begin Patch', `*** Add File: ${demoFile}`, `+${line}`, '*** End Patch', ''].join('\n');
  return tool.kind === 'custom' ? patch : JSON.stringify({ input: patch });
}

function writeShell(tool: FunctionTool | CustomTool, line: string): string | undefined {
  if (tool.kind !== 'function') return undefined;
  const properties = tool.parameters['properties'];
  const command = isObject(properties) ? properties['command'] : undefined;
  const takesText = isObject(command) && command['type'] === 'string';
  return JSON.stringify({ command: takesText ? script(line) : ['sh', '-c', script(line)] });
}

/** For any POSIX shell. `line` must not contain quotes. An existing file is not changed. */
function script(line: string): string {
  return (
    `if [ -e ${demoFile} ]; then echo '${demoFile} already exists'; ` +
    `else printf '%s\\n' '${line}' > ${demoFile} && echo '${demoFile} created'; fi`
  );
}

/** The output in a tool result, in any client's format: text, JSON with an exit code, or lines with one. */
export function readOutcome(result: ToolResultPart): FileOutcome {
  const words = result.parts
    .map((part) => (part.type === 'text' ? part.text : ''))
    .join('\n')
    .trim();
  if (/already exists|file exists/i.test(words)) return { type: 'exists' };
  const exitCode = /exit(?:ed with)?[ _]code\W*(\d+)/i.exec(words)?.[1];
  const succeeded = words.includes(`${demoFile} created`) || /\bsuccess\b/i.test(words);
  if (!result.isError && succeeded && (exitCode ?? '0') === '0') return { type: 'created' };
  return { type: 'failed', words: words.length > longestQuote ? `${words.slice(0, longestQuote)}…` : words };
}
