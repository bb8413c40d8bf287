import { ownFaults, type Fault } from './faults.ts';
import { bareStatuses, encodingFaults, httpFaults, lineFaults } from './wireFaults.ts';

/** All faults, by group. */
export const faults: Record<string, readonly Fault[]> = {
  'Connections and HTTP': [...ownFaults.connection, ...httpFaults],
  Statuses: [...ownFaults.statuses, ...bareStatuses],
  Redirects: ownFaults.redirects,
  'Bodies of a 200': [...ownFaults.wholes, ...encodingFaults],
  'Errors inside a 200': ownFaults.inside,
  Streams: [...ownFaults.streams, ...lineFaults],
};
