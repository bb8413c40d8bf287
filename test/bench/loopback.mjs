// Preloaded into a gateway that would listen on all addresses: it listens on 127.0.0.1 alone.
import { Server } from 'node:net';

const { listen } = Server.prototype;

Server.prototype.listen = function (port, _host, ...more) {
  return listen.call(this, port, '127.0.0.1', ...more);
};
