import type * as z from 'zod';

/** Formats a zod issue as the rest of a sentence that starts with the field's name, without a full stop. */
export function describeIssue({ message }: Pick<z.core.$ZodIssue, 'message'>): string {
  return message.replace(/^Invalid (input|option): /, '').replaceAll('"|"', '", "');
}
