import { callPatch, callShell, findPatchTool, findShellTool } from './clientTools.ts';
import { isObject } from './json.ts';
import type { JsonObject } from './json.ts';
import type { Conversation, DeclaredTool, Outcome, Script, Turn } from './turn.ts';

/** Reasoning with characters that are easily changed on the way: line ends, quotes, outer spaces, other scripts, an emoji. */
export const agentReasoning = [
  ' First I create a file with the shell.\nThe user said "do it"; 漢字 & émojis 🙂 stay as they are. ',
  'The shell worked.\n\n\tNow the patch: a < b, c > d, and a backslash \\. ',
  'Both files exist, so I am done.\n',
] as const;

export const agentAnswer = 'All done.';
export const shellCommand = 'echo hello-from-shell > shell.txt';
const patch = ['*** Begin Patch', '*** Add File: patched.txt', '+hello-from-patch', '*** End Patch', ''].join('\n');

/**
 * Plays a coding agent: a shell command, then a patch, then the answer. Stateless: the tool results in the conversation
 * tell which turn is next, so side requests and retries cannot confuse it.
 * `remark` is the text beside the first call; '' for a call without text.
 */
export function agentScript({ remark = 'Creating a file.' } = {}): Script {
  return (conversation) => {
    if (isSideRequest(conversation)) return sideRequest(conversation);
    const shell = findShellTool(conversation.tools);
    if (shell === undefined) return turn({ text: 'I have no shell tool.' });
    const patchTool = findPatchTool(conversation.tools);
    switch (conversation.toolResults.length) {
      case 0:
        return turn({
          reasoning: agentReasoning[0],
          text: remark,
          calls: [callShell(shell, shellCommand)],
        });
      case 1:
        return turn({
          reasoning: agentReasoning[1],
          calls: [patchTool === undefined ? callShell(shell, patchBy(shell)) : callPatch(patchTool, patch)],
        });
      default:
        return turn({ reasoning: agentReasoning[2], text: agentAnswer });
    }
  };
}

/** Like `agentScript`, but with both calls in one answer. */
export function parallelAgentScript(): Script {
  const oneByOne = agentScript();
  return (conversation) => {
    const shell = findShellTool(conversation.tools);
    const patchTool = findPatchTool(conversation.tools);
    if (shell === undefined || isSideRequest(conversation)) return oneByOne(conversation);
    if (conversation.toolResults.length > 0) return turn({ reasoning: agentReasoning[2], text: agentAnswer });
    const calls = [
      callShell(shell, shellCommand),
      patchTool === undefined ? callShell(shell, patchBy(shell)) : callPatch(patchTool, patch),
    ];
    return turn({ reasoning: agentReasoning[0], calls });
  };
}

/** Reasoning and a text answer to every request. */
export function chatScript(answer: { reasoning?: string; text?: string } = {}): Script {
  const reasoning = answer.reasoning ?? '15 * 23 = 15 * 20 + 15 * 3 = 300 + 45.';
  return (conversation) =>
    conversation.outputSchema === undefined
      ? turn({ reasoning, text: answer.text ?? '15 * 23 = 345' })
      : sideRequest(conversation);
}

/** Calls the first declared function once, with the given arguments, then answers with text. */
export function toolScript(callArguments: JsonObject, answer = 'It is done.'): Script {
  return (conversation) => {
    const tool = conversation.tools[0];
    if (tool === undefined || conversation.toolResults.length > 0) {
      return turn({ reasoning: 'I have what I need.', text: answer });
    }
    return turn({ reasoning: 'I need the tool.', calls: [{ tool, input: JSON.stringify(callArguments) }] });
  };
}

/** Calls Codex's tool for viewing an image, then answers. `file` is an absolute path. For one conversation only. */
export function imageScript(file: string): Script {
  const look: Script = ({ tools }) => {
    const tool = tools.find(({ name }) => name.endsWith('view_image'));
    if (tool === undefined) return turn({ text: 'I have no eyes.' });
    return turn({ reasoning: agentReasoning[0], calls: [{ tool, input: JSON.stringify({ path: file }) }] });
  };
  return sequence(look, always(turn({ reasoning: agentReasoning[2], text: agentAnswer })));
}

/** One script per request, the last one for all later requests. The only stateful script. */
export function sequence(...scripts: [Script, ...Script[]]): Script {
  let count = 0;
  return (conversation) => {
    const script = scripts[Math.min(count, scripts.length - 1)] ?? scripts[0];
    count += 1;
    return script(conversation);
  };
}

/** The same outcome for every request: `always({ kind: 'refuse', status: 429 })`. */
export function always(outcome: Outcome): Script {
  return () => outcome;
}

/** A key that is used up for ten minutes, as OpenAI says it. */
export function rateLimit(message: string): Outcome {
  return { kind: 'refuse', status: 429, code: 'rate_limit_exceeded', message, headers: { 'retry-after': '600' } };
}

export function turn(parts: Partial<Turn>): Outcome & { kind: 'turn' } {
  return { kind: 'turn', turn: { reasoning: '', text: '', calls: [], ...parts } };
}

// Codex intercepts this heredoc even when it declares no apply_patch tool.
const patchByShell = `apply_patch <<'EOF'\n${patch}EOF\n`;

function patchBy(shell: DeclaredTool): string {
  return shell.name === 'Bash' ? 'echo hello-from-patch > patched.txt' : patchByShell;
}

// Codex's request for a thread title declares all tools, but also the schema of its answer.
export function isSideRequest({ tools, outputSchema }: Conversation): boolean {
  return tools.length === 0 || outputSchema !== undefined;
}

export function sideRequest(conversation: Conversation): Outcome {
  const schema = conversation.outputSchema;
  return turn({ text: schema === undefined ? 'A short text.' : JSON.stringify(sample(schema)) });
}

/** A minimal value for the schemas that clients send (Codex's thread title). */
function sample(schema: JsonObject): unknown {
  if (Array.isArray(schema['enum'])) return schema['enum'][0];
  switch (schema['type']) {
    case 'object': {
      const properties = isObject(schema['properties']) ? schema['properties'] : {};
      return Object.fromEntries(
        Object.entries(properties).map(([name, each]) => [name, isObject(each) ? sample(each) : null]),
      );
    }
    case 'array':
      return [];
    case 'number':
    case 'integer':
      return 1;
    case 'boolean':
      return true;
    default:
      return 'A short text';
  }
}
