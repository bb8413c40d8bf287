/** A client's file can't be edited. The message is a sentence for the user that says why; the caller names the file. */
export class ClientFileError extends Error {
  override readonly name = 'ClientFileError';

  constructor(message: string, cause?: unknown) {
    super(message, { cause });
  }
}
