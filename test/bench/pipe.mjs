// The floor: what node:http and undici cost when nothing is done with the bytes. It prints its URL.
import { createServer } from 'node:http';
import { Agent } from 'undici';

const [origin] = process.argv.slice(2);
const agent = new Agent();

const server = createServer(async (incoming, outgoing) => {
  const { body, statusCode } = await agent.request({ origin, path: incoming.url, method: 'POST', body: incoming });
  outgoing.writeHead(statusCode, { 'content-type': 'text/event-stream' });
  body.pipe(outgoing);
});

server.listen(0, '127.0.0.1', () => console.log(`http://127.0.0.1:${server.address().port}`));
