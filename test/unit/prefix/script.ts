/** What the model says in one turn, whatever the wires. */
export type ScriptedTurn = {
  reasoning: string;
  text: string;
  calls: { tool: 'shell' | 'apply_patch'; input: string }[];
  /** What the client makes of each call. */
  results: { text: string; isError?: boolean; image?: boolean }[];
};

const run = (command: string): ScriptedTurn['calls'][number] => ({
  tool: 'shell',
  input: JSON.stringify({ command }),
});
const patch = '*** Begin Patch\n*** Add File: "a".txt\n+grüße 漢字\n*** End Patch\n';

/**
 * Twelve answers, ten of them in a tool loop, with everything that tempts a gateway to write an earlier message in another
 * way later: turns without reasoning, without text, with the same call again, parallel calls, calls without arguments,
 * failed calls, images, a custom tool, and a final answer in the middle, after which the user goes on.
 */
export const script: ScriptedTurn[] = [
  { reasoning: ' First I answer.\n', text: 'Before I start: yes.', calls: [], results: [] },
  { reasoning: 'Look: "a" < b.\n\n', text: 'Let me look.', calls: [run('ls')], results: [{ text: 'a.txt\n' }] },
  { reasoning: 'Read it. ', text: '', calls: [run('cat a.txt')], results: [{ text: '漢字' }] },
  { reasoning: '', text: '', calls: [run('pwd')], results: [{ text: '/work' }] },
  {
    reasoning: 'Two at once.',
    text: 'Both.',
    calls: [run('date'), run('id')],
    results: [{ text: 'now' }, { text: 'No such command', isError: true }],
  },
  { reasoning: 'Done with this.', text: 'The first part is done.', calls: [], results: [] },
  { reasoning: 'Look: "a" < b.\n\n', text: 'Let me look.', calls: [run('ls')], results: [{ text: 'a.txt\n' }] },
  {
    reasoning: 'Now the patch.',
    text: '',
    calls: [{ tool: 'apply_patch', input: patch }],
    results: [{ text: 'Done' }],
  },
  { reasoning: 'See it.', text: '', calls: [run('show a.png')], results: [{ text: 'a.png', image: true }] },
  { reasoning: 'Anything else?', text: ' ', calls: [{ tool: 'shell', input: '{}' }], results: [{ text: '' }] },
  { reasoning: '', text: 'Once more.', calls: [run('ls')], results: [{ text: 'a.txt\nb.txt' }] },
  { reasoning: 'All is there.', text: 'All done.', calls: [], results: [] },
];

export const userWords = ['Please begin.', 'Go on, then.', 'Now the second part.'];
export const developerWords = 'You are a careful agent.';
export const imageUrl = 'data:image/png;base64,iVBORw0KGgo=';
