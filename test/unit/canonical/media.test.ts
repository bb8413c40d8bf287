import { describe, expect, it } from 'vitest';
import { describeMedia, listSources, readBase64Url } from '../../../src/canonical/media.ts';
import { replyMessage } from '../../../src/canonical/replyMessage.ts';
import type { Media } from '../../../src/canonical/events.ts';

const own: Media['own'] = { dialect: 'openai-responses', json: { type: 'image_generation_call' } };

describe('media in words', () => {
  it.each<[Omit<Media, 'own'>, string]>([
    [{ kind: 'image', url: 'https://x.test/a.png' }, '![image](<https://x.test/a.png>)'],
    [{ kind: 'image', url: 'data:image/png;base64,AAAA' }, '[image (image/png, 1 KiB) omitted: this API has no place for it in an answer]'],
    [{ kind: 'image' }, '[image omitted: this API has no place for it in an answer]'],
    [{ kind: 'audio', url: 'data:audio/wav;base64,AAAA', transcript: 'Good day' }, 'Good day'],
    // Only addresses of the web become links.
    [{ kind: 'image', url: 'javascript:alert(1)' }, '[image omitted: this API has no place for it in an answer]'],
  ])('%j', (media, expected) => {
    expect(describeMedia({ ...media, own })).toBe(expected);
  }); // prettier-ignore

  it('reads data URLs only', () => {
    expect(readBase64Url('data:image/png;charset=x;base64,AA==')).toEqual({ mediaType: 'image/png', base64: 'AA==' });
    expect(readBase64Url('https://x.test')).toBeUndefined();
  });

  it('goes on in a stored conversation', () => {
    const media: Media = { kind: 'image', url: 'data:image/png;base64,AAAA', own };
    const { parts } = replyMessage({ blocks: [{ type: 'media', media, text: '' }], finish: 'stop' });
    expect(parts).toEqual([
      { type: 'native', dialect: 'openai-responses', json: own.json, textForOtherDialects: describeMedia(media) },
    ]);
  });
});

describe('a list of sources', () => {
  it('has each address once, with its title and number', () => {
    const links = [
      { url: 'https://a.test' },
      { url: 'https://b.test', title: 'B\n#1' },
      { url: 'https://a.test', title: 'A' },
    ];
    expect(listSources(links)).toBe('Sources:\n1. A: https://a.test\n2. B #1: https://b.test');
    expect(listSources([])).toBe('');
  });

  it('is bounded', () => {
    const links = Array.from({ length: 500 }, (_, index) => ({ url: `https://x.test/${index}${'y'.repeat(5000)}` }));
    expect(listSources(links).length).toBeLessThan(300_000);
    expect(listSources(links).split('\n')).toHaveLength(101);
  });
});
