import { describe, expect, it } from 'vitest';
import { readAddress } from '../../../src/server/address.ts';

describe('readAddress', () => {
  it.each([
    ['/v1/responses', { path: '/responses' }],
    ['/responses', { path: '/responses' }],
    ['//v1//chat/completions/', { path: '/chat/completions' }],
    ['/v1/v1/models', { path: '/models' }],
    ['/preset/coding/v1/chat/completions', { path: '/chat/completions', preset: 'coding' }],
    ['/preset/my%20preset/responses', { path: '/responses', preset: 'my preset' }],
    ['/w/abc123/v1/models?client_version=1', { path: '/models', scope: 'abc123' }],
    ['/w/ada/preset/coding/v1/messages', { path: '/messages', preset: 'coding', scope: 'ada' }],
    ['/preset/coding/w/ada/messages', { path: '/messages', preset: 'coding', scope: 'ada' }],
    ['/w/ada/w/bob/v1/messages', { path: '/w/bob/v1/messages', scope: 'ada' }],
    ['/preset/%zz/v1/models', { path: '/models', preset: '%zz' }],
    ['/', { path: '/' }],
    ['http://localhost:3456/w/ada/v1/messages?beta=true', { path: '/messages', scope: 'ada', host: 'localhost:3456' }],
    ['HTTPS://api.test', { path: '/', host: 'api.test' }],
    ['http://api.test?x=1', { path: '/', host: 'api.test' }],
    ['/http://api.test/v1/models', { path: '/http:/api.test/v1/models' }],
    ['/v1', { path: '/' }],
    ['/v10/models', { path: '/v10/models' }],
    ['/preset/coding', { path: '/', preset: 'coding' }],
  ])('reads %s', (url, expected) => {
    const { query: _, ...address } = readAddress(url);
    expect(address).toEqual(expected);
  });

  it('keeps the query', () => {
    expect(readAddress('/v1/models?client_version=0.169.0').query.get('client_version')).toBe('0.169.0');
  });
});
