// The providers of the pictures, as strict as the real ones. Prints their addresses.
import { agentScript, always, turn } from '../upstream/scripts.ts';
import { startStandIn } from '../upstream/standIn.ts';
import type { Script } from '../upstream/turn.ts';

/** An agent for Codex, and an answer of some length for everything else. */
const script: Script = (conversation) =>
  conversation.tools.length > 0
    ? agentScript()(conversation)
    : turn({ text: 'It reads the file, checks each line and returns the lines that match. '.repeat(6) });

const deepseek = await startStandIn({ provider: 'deepseek', script });
const glm = await startStandIn({ provider: 'glm', script });
const refusing = await startStandIn({ provider: 'kimi', script: always(turn({ text: '' })), apiKey: 'another' });
console.log(JSON.stringify({ deepseek: deepseek.url, glm: glm.url, refusing: refusing.url }));
