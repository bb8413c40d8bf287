import { callPatch, callShell, findPatchTool, findShellTool } from './clientTools.ts';
import { isSideRequest, sideRequest, turn } from './scripts.ts';
import type { Conversation, DeclaredTool, Script, ToolCall, Turn } from './turn.ts';

/** The reasoning before each of the five turns with calls and before the answer, each different. */
export const loopReasoning = [
  ' One file by the shell.\nThe user said "five"; 漢字 & émojis 🙂 stay as they are. ',
  'Now one by an edit: a < b, c > d, and a backslash \\.\n\n\tIndented. ',
  'Three and four have nothing to do with each other: both at once.',
  'Does the first one hold what I wrote?\n',
  'It does. All of them into the fifth.',
  ' All five are there, so I am done.\n',
] as const;

/** The text beside the first call; the other calls have none. */
export const loopRemark = 'I begin with the first.';
export const loopAnswer = 'Five files, as you asked.';
export const loopFiles = { one: '1\n', two: '2\n', three: '3\n', four: '4\n', five: '1\n2\n3\n4\n' };

/** The user's text names the workspace, since some tools need absolute paths. */
export function loopTask(workspace: string): string {
  return `Write five files into the folder ${workspace} and tell me when they are there.`;
}

/** Five turns with tool calls, one with two calls, then the answer. Stateless: the number of results tells which is next. */
export function loopScript(): Script {
  return (conversation) => {
    if (isSideRequest(conversation)) return sideRequest(conversation);
    const made = madeTurn(conversation);
    return typeof made === 'string' ? turn({ text: made }) : turn(made);
  };
}

/** A string is an error. */
function madeTurn({ tools, lastUserText, toolResults }: Conversation): Partial<Turn> | string {
  const shell = findShellTool(tools);
  const folder = /into the folder (\S+)/.exec(lastUserText)?.[1];
  if (shell === undefined || folder === undefined) return 'I have no shell tool, or no folder.';
  const run = (command: string): ToolCall => callShell(shell, command);
  switch (toolResults.length) {
    case 0:
      return { reasoning: loopReasoning[0], text: loopRemark, calls: [run('echo 1 > one.txt')] };
    case 1:
      return { reasoning: loopReasoning[1], calls: [writeTwo(tools, folder) ?? run('echo 2 > two.txt')] };
    case 2:
      return { reasoning: loopReasoning[2], calls: [run('echo 3 > three.txt'), run('echo 4 > four.txt')] };
    case 4:
      return { reasoning: loopReasoning[3], calls: [readOne(tools, folder) ?? run('cat one.txt')] };
    case 5:
      if (toolResults.at(-1)?.includes('1') !== true) return 'The first file is not what I wrote.';
      return { reasoning: loopReasoning[4], calls: [run('cat one.txt two.txt three.txt four.txt > five.txt')] };
    case 6:
      return { reasoning: loopReasoning[5], text: loopAnswer };
    default:
      return `There are ${toolResults.length} results of tools.`;
  }
}

/** Codex's patch, Claude Code's Write. */
function writeTwo(tools: DeclaredTool[], folder: string): ToolCall | undefined {
  const patch = findPatchTool(tools);
  if (patch) return callPatch(patch, '*** Begin Patch\n*** Add File: two.txt\n+2\n*** End Patch\n');
  return callNamed(tools, 'Write', { file_path: `${folder}/two.txt`, content: '2\n' });
}

function readOne(tools: DeclaredTool[], folder: string): ToolCall | undefined {
  return callNamed(tools, 'Read', { file_path: `${folder}/one.txt` });
}

function callNamed(tools: DeclaredTool[], name: string, input: Record<string, string>): ToolCall | undefined {
  const tool = tools.find((each) => each.name === name);
  return tool && { tool, input: JSON.stringify(input) };
}
