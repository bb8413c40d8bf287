// Replaces @vscode/spdlog in the installed server. The real one has to be compiled; without it no log output channel
// shows anything, ours included, and the server's log fills with errors. No rotation: a host here runs for minutes or
// hours.
const { appendFileSync, mkdirSync } = require('node:fs');
const path = require('node:path');

const levels = ['trace', 'debug', 'info', 'warning', 'error', 'critical'];

class Logger {
  #file;
  #level = levels.indexOf('info');
  #isRaw = false;

  constructor(_kind, _name, file) {
    this.#file = file;
  }

  trace = (message) => this.#write(0, message);
  debug = (message) => this.#write(1, message);
  info = (message) => this.#write(2, message);
  warn = (message) => this.#write(3, message);
  error = (message) => this.#write(4, message);
  critical = (message) => this.#write(5, message);

  getLevel() {
    return this.#level;
  }

  setLevel(level) {
    this.#level = level;
  }

  /** VS Code formats the lines itself. */
  clearFormatters() {
    this.#isRaw = true;
  }

  setPattern() {}
  flush() {}
  drop() {}

  #write(level, message) {
    if (level < this.#level) return;
    const line = this.#isRaw ? message : `${timestamp()} [${levels[level]}] ${message}\n`;
    appendFileSync(this.#file, line);
  }
}

/** As in VS Code's own pattern, %Y-%m-%d %H:%M:%S.%e, in local time. */
function timestamp() {
  const now = new Date();
  return new Date(now.getTime() - now.getTimezoneOffset() * 60_000).toISOString().slice(0, -1).replace('T', ' ');
}

async function createLogger(name, file) {
  mkdirSync(path.dirname(file), { recursive: true });
  return new Logger('rotating', name, file);
}

// Exported one by one: `import()` of this file finds only names that appear in the text.
exports.version = 0;
exports.Logger = Logger;
exports.createRotatingLogger = createLogger;
exports.createAsyncRotatingLogger = createLogger;
exports.setLevel = () => {};
exports.setFlushOn = () => {};
