import { isObject } from '../canonical/json.ts';
import type { JsonObject } from '../canonical/request.ts';
import { editList, editMessages, type BodyChange } from './bodyEdits.ts';
import { splitDataUrl } from './dataUrls.ts';

// Files in messages of Chat Completions.

function editFiles(edit: (file: JsonObject, part: JsonObject) => JsonObject): BodyChange['edit'] {
  return editMessages((message) =>
    editList(message, 'content', (part) =>
      part['type'] === 'file' && isObject(part['file']) ? edit(part['file'], part) : part,
    ),
  );
}

/** OpenAI: "Expected a base64-encoded data URL with an application/pdf MIME type, but got unsupported MIME type 'text/plain'." */
export const fitFiles: BodyChange = {
  change: 'A file of text becomes text, and a file without a name gets one.',
  edit: editFiles((file, part) => {
    const { file_data: data, filename: name } = file;
    const parts = typeof data === 'string' ? splitDataUrl(data) : undefined;
    if (!parts) return part;
    const { type, parameters } = parts;
    if (/^(?:text\/|application\/(?:json|xml|yaml|x-yaml|toml))/i.test(type))
      return { type: 'text', text: `${titleOf(name)}${decode(parts.data, parameters)}` };
    if (typeof name === 'string' && name !== '') return part;
    const ending = /^[\w-]+\/([\w.+-]+)$/.exec(type)?.[1] ?? 'bin';
    return { ...part, file: { ...file, filename: `file.${ending}` } };
  }),
};

function titleOf(name: unknown): string {
  return typeof name === 'string' && name !== '' ? `${name}:\n\n` : '';
}

function decode(data: string, parameters: string): string {
  if (/;base64/i.test(parameters)) return Buffer.from(data, 'base64').toString('utf8');
  try {
    return decodeURIComponent(data);
  } catch {
    return data;
  }
}

export const nameFileUrls: BodyChange = {
  change: 'A file that is an address is named in the text: the API takes only its content.',
  edit: editFiles((file, part) => {
    const { file_data: data, file_id: id } = file;
    const isAddress = typeof data === 'string' && /^https?:/i.test(data) && !id;
    return isAddress ? { type: 'text', text: `[file: ${data}]` } : part;
  }),
};

/** "unknown variant `file`, expected `text`". */
export const omitFiles: BodyChange = {
  change: 'Files other than text are replaced by a note.',
  edit: (body) => omit(fitFiles.edit(body)),
};

const omit = editFiles((file) => {
  const { filename, file_data: data } = file;
  const name = [filename, data].find((each) => typeof each === 'string' && each !== '' && !each.startsWith('data:'));
  return {
    type: 'text',
    text: `[file omitted${typeof name === 'string' ? ` (${name.slice(0, 200)})` : ''}: this API reads no files]`,
  };
});
