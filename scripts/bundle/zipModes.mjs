// Files' permissions in a zip, without the umask of whoever packed it.
// The format: https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT, 4.3.12 (central directory) and 4.3.16 (its end).
const endSignature = Buffer.from('PK\x05\x06', 'latin1');
const entrySignature = 0x02014b50;
const entryBytes = 46;

/**
 * A copy of the archive in which everybody may read every file, and run it if its owner may.
 * @param {Buffer} archive
 */
export function withPlainModes(archive) {
  const copy = Buffer.from(archive);
  const end = copy.lastIndexOf(endSignature);
  let offset = copy.readUInt32LE(end + 16);
  for (let left = copy.readUInt16LE(end + 10); left > 0; left--) {
    if (copy.readUInt32LE(offset) !== entrySignature) throw new Error(`No entry of the archive at ${offset}.`);
    const mode = copy.readUInt16LE(offset + 40);
    copy.writeUInt16LE(0o100644 | (mode & 0o100 ? 0o111 : 0), offset + 40);
    const lengths = [28, 30, 32].map((at) => copy.readUInt16LE(offset + at));
    offset += entryBytes + lengths.reduce((sum, length) => sum + length, 0);
  }
  return copy;
}
