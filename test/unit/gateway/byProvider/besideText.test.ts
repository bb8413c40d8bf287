// What an answer has beside text, at the surfaces of real providers: it reaches every client that has a place for it, is said in
// words or in a warning to the others, and is paid for once.
import { describe, expect, it } from 'vitest';
import type { DialectId } from '../../../../src/canonical/request.ts';
import { answerWith, askSurface, faultsOf, isMaker, realSurfaces } from '../../../support/realSurfaces.ts';
import type { WireAnswer } from '../../../support/wireAnswers.ts';

type Expected = Record<DialectId, { text?: readonly string[]; warning?: RegExp }>;
type Form = readonly [name: string, wire: DialectId, answer: WireAnswer, expected: Expected];

const png = 'iVBORw0KGgo=';
const dataUrl = `data:image/png;base64,${png}`;
const link = 'https://example.org/rings';
const page = { url: link, title: 'Rings' };
const citation = { type: 'url_citation', ...page, start_index: 0, end_index: 5 };
const token = { token: 'hello', logprob: -0.2, bytes: [104], top_logprobs: [] };
const sources = { text: ['hello', `1. Rings: ${link}`] };
const cited: Expected = {
  'openai-chat': { text: ['"url_citation"', link, 'Rings'] },
  'openai-responses': { text: ['"url_citation"', link, 'Rings'] },
  'anthropic-messages': sources,
};
/** The fields of the whole reply stay. */
const fieldCited = (field: string): Expected => ({ ...cited, 'openai-chat': { text: [`"${field}"`, link] } });
const probable: Expected = {
  'openai-chat': { text: ['"logprob":-0.2'] },
  'openai-responses': { text: ['"logprob":-0.2'] },
  'anthropic-messages': { text: ['hello'], warning: /logprobs/ },
};
const pictured: Expected = {
  'openai-chat': { text: ['"images":[{', png] },
  'openai-responses': { text: ['"image_generation_call"', `"result":"${png}"`] },
  'anthropic-messages': { text: ['[image (image/png'], warning: /an image/ },
};
const linked: Expected = {
  'openai-chat': { text: ['"images":[{', link] },
  'openai-responses': { text: [`![image](<${link}>)`], warning: /an image/ },
  'anthropic-messages': { text: [`![image](<${link}>)`], warning: /an image/ },
};
const spoken: Expected = {
  'openai-chat': { text: ['"audio":{', 'AAAA', 'Good day'] },
  'openai-responses': { text: ['Good day'], warning: /a sound/ },
  'anthropic-messages': { text: ['Good day'], warning: /a sound/ },
};
const warned = (words: RegExp): Expected => ({
  'openai-chat': { text: ['hello'], warning: words },
  'openai-responses': { text: ['hello'], warning: words },
  'anthropic-messages': { text: ['hello'], warning: words },
});

const chat = 'openai-chat';
const forms: readonly Form[] = [
  ['citations', chat, { text: 'hello', message: { annotations: [{ type: 'url_citation', url_citation: { ...page, content: 'x', start_index: 0, end_index: 5 } }] } }, cited],
  ['citations without an object', chat, { text: 'hello', message: { annotations: [citation] } }, cited],
  ['citations of Perplexity', chat, { text: 'hello', fields: { citations: [link], search_results: [page] } }, fieldCited('citations')],
  ['citations of Z.AI', chat, { text: 'hello', fields: { web_search: [{ ...page, url: undefined, link, content: 'x', refer: 'ref_1' }] } }, fieldCited('web_search')],
  ['citations of DashScope', chat, { text: 'hello', fields: { search_info: { search_results: [{ index: 1, site_name: 'x', ...page }] } } }, fieldCited('search_info')],
  ['citations of Groq', chat, { text: 'hello', message: { executed_tools: [{ index: 0, type: 'search', arguments: '{}', output: 'x', search_results: { results: [{ ...page, content: 'x', score: 0.9 }] } }] } }, cited],
  ['logprobs', chat, { text: 'hello', choice: { logprobs: { content: [token], refusal: null } } }, probable],
  ['logprobs of Together', chat, { text: 'hello', choice: { logprobs: { tokens: ['hello'], token_logprobs: [-0.2], token_ids: [1] } } }, probable],
  ['only an image', chat, { message: { images: [{ type: 'image_url', image_url: { url: dataUrl }, index: 0 }] } }, pictured],
  ['only an image by its data', chat, { message: { images: [{ b64_json: png }] } }, pictured],
  ['only a link to an image', chat, { message: { images: [{ type: 'image_url', image_url: { url: link } }] } }, linked],
  ['only an image as a part', chat, { message: { content: [{ type: 'image_url', image_url: { url: dataUrl } }] } }, pictured],
  ['only a sound', chat, { message: { audio: { id: 'a', data: 'AAAA', transcript: 'Good day', expires_at: 1 } } }, spoken],
  ['citations', 'openai-responses', { parts: [{ type: 'output_text', text: 'hello', annotations: [citation], logprobs: [] }] }, cited],
  ['logprobs', 'openai-responses', { parts: [{ type: 'output_text', text: 'hello', annotations: [], logprobs: [token] }] }, probable],
  ['only an image', 'openai-responses', { parts: [{ type: 'image_generation_call', id: 'ig_1', status: 'completed', result: png }] }, pictured],
  ['a search beside text', 'openai-responses', { text: 'hello', parts: [{ type: 'web_search_call', id: 'ws_1', status: 'completed' }] }, { ...warned(/web_search_call/), 'openai-responses': { text: ['hello', 'web_search_call'] } }],
  ['citations', 'anthropic-messages', { parts: [{ type: 'text', text: 'hello', citations: [{ type: 'web_search_result_location', ...page, encrypted_index: 'Eo', cited_text: 'x' }] }] }, { ...cited, 'anthropic-messages': { text: ['hello', 'web_search_result_location', link] } }],
  ['only an image', 'anthropic-messages', { parts: [{ type: 'image', source: { type: 'base64', media_type: 'image/png', data: png } }] }, { ...pictured, 'anthropic-messages': { text: [png] } }],
  ['a search beside text', 'anthropic-messages', { text: 'hello', parts: [{ type: 'server_tool_use', id: 'srvtoolu_1', name: 'web_search', input: {} }, { type: 'web_search_tool_result', tool_use_id: 'srvtoolu_1', content: [] }] }, { ...warned(/web_search_tool_result|server_tool_use/), 'anthropic-messages': { text: ['hello', 'web_search_tool_result'] } }],
]; // prettier-ignore

/** Forms of other providers that OpenAI, whose frames are passed on as they are, does not write. */
const foreign = new Set(['citations of Groq', 'logprobs of Together', 'only an image as a part']);

describe.each(realSurfaces)('$name', (surface) => {
  const here = forms.flatMap(([name, wire, answer, expected], row) =>
    wire === surface.wire && !(isMaker(surface) && foreign.has(name)) ? [[name, row, answer, expected] as const] : [],
  );
  it.each(here)('%s', async (_name, row, answer, expected) => {
    const faults = await faultsOf(surface, row, async (way) => {
      const { status, text, attempts, warnings } = await askSurface(
        { surface, ...way },
        answerWith(surface.wire, answer),
      );
      const { text: words = [], warning = /^/ } = expected[way.client];
      const missing = words.filter((each) => !text.includes(each) && !text.includes(JSON.stringify(each).slice(1, -1)));
      return [
        [status, 200],
        [attempts, 1],
        [missing.join(), '', text],
        [warning.test(warnings), true, `of ${warning.source}: ${warnings}`],
      ];
    });
    expect(faults, faults.join('\n')).toEqual([]);
  });
});
