import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { array, assert, constantFrom, jsonValue, property, record, string } from 'fast-check';
import { parse } from 'jsonc-parser';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { connectFile, disconnectFile } from '../../../src/clients/clientFile.ts';
import { vscodeChatFile, type ChatEntry } from '../../../src/clients/vscodeChatFile.ts';

let home: string;
beforeEach(() => {
  home = mkdtempSync(path.join(tmpdir(), 'ccr-chat-'));
});
afterEach(() => rmSync(home, { recursive: true }));

const plain: ChatEntry = {
  id: 'auto',
  name: 'CCR: auto',
  maxInputTokens: 100,
  maxOutputTokens: 20,
  readsImages: false,
  efforts: undefined,
  isMessagesMaker: false,
};
const file = (): string => path.join(home, 'chatLanguageModels.json');
const target = (models: ChatEntry[] = [plain]) =>
  vscodeChatFile({ url: 'http://127.0.0.1:3456', token: 'key', models, file: file(), homeDirectory: home });
const read = (): string => readFileSync(file(), 'utf8');
const groups = (): { name: string; vendor: string; models?: Record<string, unknown>[] }[] => parse(read());
const connect = (models?: ChatEntry[]): void => connectFile(target(models)).apply();
const disconnect = (): void => disconnectFile(target()).apply();

describe("VS Code's chat", () => {
  it('gets our models, with their efforts and whether they think', () => {
    connect([
      plain,
      { ...plain, id: 'p,claude', efforts: ['low', 'max'], isMessagesMaker: true, readsImages: true },
      { ...plain, id: 'p,small', efforts: [] },
    ]);
    const responses = {
      url: 'http://127.0.0.1:3456/w/shared/v1/responses',
      apiType: 'responses',
      toolCalling: true,
      maxInputTokens: 100,
      maxOutputTokens: 20,
      zeroDataRetentionEnabled: true,
    };
    expect(groups()).toMatchObject([{ name: 'CCR', vendor: 'customendpoint' }]);
    expect(groups()[0]?.models?.[0]).toMatchObject({ requestHeaders: { Authorization: 'Bearer key' } });
    expect(groups()[0]?.models).toMatchObject([
      { ...responses, id: 'auto', thinking: true, supportsReasoningEffort: ['low', 'medium', 'high'] },
      {
        id: 'p,claude',
        url: 'http://127.0.0.1:3456/w/shared/v1/messages',
        apiType: 'messages',
        vision: true,
        adaptiveThinking: true,
        supportsReasoningEffort: ['low', 'max'],
        reasoningEffortFormat: 'messages',
      },
      { ...responses, id: 'p,small', thinking: false },
    ]);
    expect(groups()[0]?.models?.[1]).not.toHaveProperty('zeroDataRetentionEnabled');
    expect(groups()[0]?.models?.[2]).not.toHaveProperty('supportsReasoningEffort');
  });

  it('keeps other groups, and is replaced when it is connected again', () => {
    writeFileSync(file(), '[\n  // mine\n  { "name": "Own", "vendor": "customendpoint", "models": [] },\n]\n');
    connect();
    connect([{ ...plain, id: 'new' }]);
    expect(groups().map(({ name }) => name)).toEqual(['Own', 'CCR']);
    expect(groups()[1]?.models).toMatchObject([{ id: 'new' }]);
    expect(read()).toContain('// mine');
  });

  it('keeps a group of the same name that is not ours', () => {
    const own = '[ {"vendor":"customendpoint","name":"CCR" , "models":[]}, {"vendor":"openai","name":"CCR"} ]';
    writeFileSync(file(), own);
    disconnect();
    expect(read()).toBe(own);
    connect();
    writeFileSync(file(), `${read()} `);
    disconnect();
    expect(read()).toBe(`${own} `);
  });

  it('is taken out from between another group and a comment', () => {
    writeFileSync(file(), '[{"name":"Own","vendor":"openai"}]');
    connect();
    const [, ours = ''] = /,\n {2}(\{[^]*\})\]$/.exec(read()) ?? [];
    writeFileSync(file(), `[{"name":"Own","vendor":"openai"}, // why\n${ours}, {"name":"Next","vendor":"openai"}]`);
    disconnect();
    expect(groups().map(({ name }) => name)).toEqual(['Own', 'Next']);
    expect(read()).toContain('// why');
  });

  it('is created where it is missing, and removed again, also after VS Code formatted it', () => {
    connect();
    writeFileSync(file(), JSON.stringify(groups(), null, '\t'));
    disconnect();
    expect(existsSync(file())).toBe(false);
  });

  it('keeps what was edited in between', () => {
    writeFileSync(file(), '[\n  { "name": "Own", "vendor": "openai" }\n]\n');
    connect();
    writeFileSync(file(), read().replace('"Own"', '"Renamed"'));
    disconnect();
    expect(read()).toBe('[\n  { "name": "Renamed", "vendor": "openai" }\n]\n');
  });

  it.each(['{}', '[', '7'])('is refused where it is no array: %s', (text) => {
    writeFileSync(file(), text);
    expect(() => connect()).toThrow(/not a valid JSON array/);
    expect(read()).toBe(text);
  });

  it('comes back byte for byte, whatever was in it', () => {
    const group = record({
      name: string(),
      vendor: constantFrom('openai', 'customendpoint'),
      x: jsonValue(),
    });
    const layout = record({
      indent: constantFrom('', '  ', '\t'),
      eol: constantFrom('\n', '\r\n'),
      before: constantFrom('', '// mine\n', '/* é */ '),
      after: constantFrom('', '\n', ' // end'),
    });
    assert(
      property(array(group, { maxLength: 4 }), layout, (all, { indent, eol, before, after }) => {
        const text = before + JSON.stringify(all, null, indent).replaceAll('\n', eol) + after;
        writeFileSync(file(), text);
        connect();
        expect(groups()).toEqual([...(parse(text) as unknown[]), expect.objectContaining({ name: 'CCR' })]);
        disconnect();
        expect(read()).toBe(text);
      }),
      { numRuns: 100 },
    );
  });
});
