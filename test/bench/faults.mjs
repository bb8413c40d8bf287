// What can be wrong with a provider. A model's name that begins with a fault's, as in `cut-s200x35x16`, chooses it.

export const faults = {
  /** Refuses the request. */
  refused(outgoing) {
    const error = { type: 'invalid_request_error', message: 'The request is invalid.' };
    outgoing.writeHead(400, { 'content-type': 'application/json' }).end(JSON.stringify({ type: 'error', error }));
  },

  /** Fails, and would fail again. */
  broken(outgoing) {
    outgoing.writeHead(500, { 'content-type': 'text/html' }).end('<h1>Internal Server Error</h1>');
  },

  /** Loses the connection in the middle of the answer. */
  cut(outgoing, { writes }) {
    startStream(outgoing);
    for (const write of writes.slice(0, Math.ceil(writes.length / 2))) outgoing.write(write);
    setImmediate(() => outgoing.destroy());
  },

  /** Writes what is not JSON. */
  garbled(outgoing, { writes }) {
    startStream(outgoing);
    outgoing.write(writes[0]);
    outgoing.end('data: {"choices":[{"delta":\n\nevent: nonsense\ndata: 7\n\n');
  },

  /** Starts to answer and stops, until the other side hangs up. */
  silent(outgoing, { writes }) {
    startStream(outgoing);
    outgoing.write(writes[0]);
  },
};

function startStream(outgoing) {
  outgoing.writeHead(200, { 'content-type': 'text/event-stream' });
}
