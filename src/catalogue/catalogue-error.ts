export type CatalogueErrorCode = 'missing' | 'damaged' | 'newer-version' | 'read-only' | 'full' | 'failed';

/** A catalogue could not be read or written. `message` is a sentence for the operator that says what to do. */
export class CatalogueError extends Error {
  readonly code: CatalogueErrorCode;
  constructor(code: CatalogueErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'CatalogueError';
    this.code = code;
  }
}

/** Puts a failed write into words. */
export function writeFailure(folder: string, cause: unknown): CatalogueError {
  if (cause instanceof CatalogueError) return cause;
  const { code, message } = cause as NodeJS.ErrnoException;
  if (code === 'EACCES' || code === 'EPERM' || code === 'EROFS')
    return new CatalogueError(
      'read-only',
      `The catalogue cannot be written to ${folder}: it is read-only for this user. Give the user write access, or choose another folder with STATE_DIR.`,
      { cause },
    );
  if (code === 'ENOSPC' || code === 'EDQUOT')
    return new CatalogueError(
      'full',
      `The catalogue cannot be written to ${folder}: the disk is full. Free some space and import again; the catalogue in use is untouched.`,
      { cause },
    );
  return new CatalogueError('failed', `The catalogue cannot be written to ${folder}: ${message}`, { cause });
}
