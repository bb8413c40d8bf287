import { expect, it } from 'vitest';
import { pageHtml } from '../../../../src/vscode/dashboard/page.ts';

const sources = {
  script: 's.js',
  style: 's.css',
  cspSource: 'https://own',
  nonce: 'abc',
  title: 'CCR',
  language: 'de',
};

it('allows the page only its own script, by a nonce, and no connection', () => {
  const policy = /Content-Security-Policy" content="([^"]*)"/.exec(pageHtml(sources))?.[1]?.split('; ');
  expect(policy).toContain("default-src 'none'");
  expect(policy).toContain("script-src 'nonce-abc'");
  expect(policy?.join()).not.toMatch(/unsafe|connect-src|\*/);
  expect(pageHtml(sources).match(/<script[^>]*>/g)).toEqual(['<script nonce="abc" src="s.js">']);
});

it('takes no markup from a translated title', () => {
  expect(pageHtml({ ...sources, title: '</title><script>x</script>' })).toContain('&lt;script&gt;');
});

it('tells screen readers the language of its texts', () => {
  expect(pageHtml(sources)).toContain('<html lang="de">');
});
