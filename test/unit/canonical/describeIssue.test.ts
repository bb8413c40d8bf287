import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { describeIssue } from '../../../src/canonical/describeIssue.ts';

const issueOf = (schema: z.ZodType, value: unknown): string[] =>
  schema.safeParse(value).error?.issues.map(describeIssue) ?? [];

describe('describeIssue', () => {
  it('continues a sentence that starts with the field name', () => {
    expect(issueOf(z.number(), 'hot')).toEqual(['expected number, received string']);
    expect(issueOf(z.enum(['latency', 'ordered']), 'lat')).toEqual(['expected one of "latency", "ordered"']);
  });

  it('uses the custom message of the schema', () => {
    expect(issueOf(z.array(z.string(), { error: 'expected a list' }), 1)).toEqual(['expected a list']);
  });
});
