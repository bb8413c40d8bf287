// Providers for the tour, in a process of their own: `good` answers, `refusing` knows another key, `listing` also lists its models.
// Prints their addresses.
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
const listing = await startStandIn({
  provider: 'openai-chat',
  script: always(turn({ text: 'An answer of a listed model.' })),
  models: ['listed-one', 'listed-two'],
});
console.log(JSON.stringify({ good: good.url, refusing: refusing.url, listing: listing.url }));
