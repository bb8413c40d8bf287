// VS Code's command line, as far as it means something to code-server. Flags about Electron, GPUs and updates have no
// counterpart here and are dropped.
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const valueFlags = [
  'extensionDevelopmentPath',
  'extensionTestsPath',
  'user-data-dir',
  'extensions-dir',
  'folder-uri',
  'file-uri',
  'install-extension',
  'uninstall-extension',
];
const commandFlags = ['list-extensions', 'show-versions', 'version', 'force'];

/** Reads what follows `code` on a command line. Paths are made absolute. */
export function readCommandLine(words) {
  const commandLine = { developmentPaths: [], paths: [], serverCommand: [], disableExtensions: false };
  const rest = [...words];
  while (rest.length > 0) readWord(commandLine, rest);
  return commandLine;
}

function readWord(commandLine, rest) {
  const word = rest.shift();
  const flag = /^--([\w-]+)(?:=(.*))?$/s.exec(word);
  if (!flag) {
    if (!word.startsWith('-')) commandLine.paths.push(path.resolve(word));
    return;
  }
  const [, name, attached] = flag;
  const value = valueFlags.includes(name) ? (attached ?? rest.shift()) : undefined;
  readFlag(commandLine, name, value);
}

function readFlag(commandLine, name, value) {
  switch (name) {
    case 'extensionDevelopmentPath':
      commandLine.developmentPaths.push(path.resolve(value));
      break;
    case 'extensionTestsPath':
      commandLine.testsPath = path.resolve(value);
      break;
    case 'user-data-dir':
      commandLine.dataFolder = path.resolve(value);
      break;
    case 'extensions-dir':
      commandLine.extensionsFolder = path.resolve(value);
      break;
    case 'folder-uri':
    case 'file-uri':
      commandLine.paths.push(fileURLToPath(value));
      break;
    case 'disable-extensions':
      commandLine.disableExtensions = true;
      break;
    case 'install-extension':
    case 'uninstall-extension':
      commandLine.serverCommand.push(`--${name}`, value);
      break;
    default:
      if (commandFlags.includes(name)) commandLine.serverCommand.push(`--${name}`);
  }
}
