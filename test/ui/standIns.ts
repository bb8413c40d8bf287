// Two providers for the tour, each a process's own: `good` answers, `refusing` knows another key. Prints their addresses.
import { always, turn } from '../upstream/scripts.ts';
import { startStandIn } from '../upstream/standIn.ts';

const good = await startStandIn({
  provider: 'openai-chat',
  script: always(turn({ text: 'An answer of some words.' })),
});
const refusing = await startStandIn({
  provider: 'openai-chat',
  script: always(turn({ text: 'Another answer.' })),
  apiKey: 'another',
});
console.log(JSON.stringify({ good: good.url, refusing: refusing.url }));
