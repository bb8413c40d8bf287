// Frames of a stream as servers write them wrongly.
import type { DialectId } from '../../src/canonical/request.ts';
import { event } from './callWires.ts';
import { chatChunk } from './gatewayBench.ts';

/** The beginning of an answer: some text, and no end. */
export const begun: Record<DialectId, string> = {
  'openai-chat': chatChunk({ content: 'Hel' }),
  'openai-responses':
    event('response.output_item.added', { output_index: 0, item: { type: 'message', id: 'm', content: [] } }) +
    event('response.output_text.delta', { output_index: 0, content_index: 0, delta: 'Hel' }),
  'anthropic-messages':
    event('message_start', { message: { id: 'm', content: [] } }) +
    event('content_block_start', { index: 0, content_block: { type: 'text', text: '' } }) +
    event('content_block_delta', { index: 0, delta: { type: 'text_delta', text: 'Hel' } }),
};

/** What the errors say. */
export const said = 'the engine died badly';
/** Frames that are errors. */
export const oddErrors: [string, string][] = [
  ['bare JSON (toolhive#6085)', `${JSON.stringify({ error: { message: said } })}\n\n`],
  ['bare JSON over several lines', `${JSON.stringify({ error: { message: said } }, undefined, 2)}\n`],
  ['a field named error', `error: {"message":"${said}"}\n\n`],
  ['words without a field', `upstream connect error: ${said}\n\n`],
  ['words in data', `data: Exception: ${said}\n\n`],
  ['text as error (NeoGraph#124)', `data: {"error":"${said}"}\n\n`],
  ['a list', `data: [{"error":{"code":500,"message":"${said}"}}]\n\n`],
  ['`detail`', `data: {"detail":"${said}"}\n\n`],
  ['`success: false`', `data: {"success":false,"msg":"${said}"}\n\n`],
];

/** Changes to a well-written stream that leave its meaning. */
export const oddAnswers: [string, (text: string) => string][] = [
  ['without the line end between two events', (text) => text.replaceAll(/\}\n\n(?=data:)/g, '}')],
  ['with line ends as text', (text) => text.replaceAll(/\}\n\n/g, String.raw`}\n\n` + '\n\n')],
  ['with one line end', (text) => text.replaceAll('\n\n', '\n')],
  ['with carriage returns', (text) => text.replaceAll('\n', '\r')],
  ['with field names in capitals', (text) => text.replaceAll('data:', 'Data:').replaceAll('event:', 'Event:')],
  ['indented', (text) => text.replaceAll('data:', '  data:')],
  ['with its field name twice', (text) => text.replaceAll('data: {', 'data: data: {')],
  ['behind a byte order mark', (text) => `\uFEFF${text}`],
  ['between heartbeats (omnigent#1189)', (text) => text.replaceAll('\n\n', '\n\ndata: ping\n\n: x\n\ndata: null\n\n')],
];
