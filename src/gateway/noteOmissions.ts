import type { WireRequest } from './wireRequest.ts';

/** Warns of what the provider can't do or read, and of what was therefore left out. */
export function noteOmissions(
  { dropped, lost, reduced, misfits, unreadable }: WireRequest,
  target: string,
  note: (message: string) => void,
): void {
  if (dropped.length > 0) note(`${target} has no hosted tools: ${dropped.join(', ')} left out of the request.`);
  if (lost.length > 0) note(`${target} does not accept ${lost.join(', ')}: left out of the request.`);
  if (reduced.length > 0) {
    note(`${target} does not accept the whole schema of ${reduced.join(', ')}: the description says the rest of it.`);
  }
  if (misfits.length > 0)
    note(`${target}: the input of an earlier call of ${misfits.join(', ')} was not an object and has been made one.`);
  if (unreadable) note(`${target} can't read another provider's compaction of this conversation.`);
}
