import { StoreError } from '../store/store.ts';
import { errorCode } from './files.ts';

/**
 * Puts an error of the file system into words for the operator.
 * @param doing what was tried, e.g. `write the journal`
 * @param where the file or folder it was tried on
 */
export function storageFailure(cause: unknown, doing: string, where: string): StoreError {
  if (cause instanceof StoreError) return cause;
  const code = errorCode(cause);
  const said = (text: string) => `Could not ${doing} (${where}): ${text}`;
  switch (code) {
    case 'ENOSPC':
    case 'EDQUOT':
      return new StoreError(
        'full',
        said(
          'the disk is full. Free some space; the bot goes on by itself, and nothing that was confirmed is lost.',
        ),
        { cause },
      );
    case 'EROFS':
      return new StoreError(
        'read-only',
        said('the file system is read-only. Mount it writable, or set STATE_DIR to a folder that is.'),
        { cause },
      );
    case 'EACCES':
    case 'EPERM':
      return new StoreError(
        'read-only',
        said(
          'the bot may not write there. Give the folder to the account that runs the bot, or set STATE_DIR to another.',
        ),
        { cause },
      );
    case 'ENOTDIR':
    case 'EEXIST':
      return new StoreError(
        'failed',
        said('there is a file where a folder should be. Move it away, or set STATE_DIR to another folder.'),
        { cause },
      );
    case 'EMFILE':
    case 'ENFILE':
      return new StoreError(
        'failed',
        said('too many files are open. Raise the limit (`ulimit -n`) and start the bot again.'),
        { cause },
      );
    default:
      return new StoreError(
        'failed',
        said(
          `${(cause as Error | undefined)?.message ?? String(cause)}. Look after the disk, then start the bot again.`,
        ),
        { cause },
      );
  }
}

/**
 * A stored file says something that was never written. Nothing is deleted: the operator decides.
 * @param without what else has to be moved away so that the bot starts again without it
 */
export function damaged(file: string, what: string, without: string, line?: number): StoreError {
  const place = line === undefined ? file : `${file}, line ${line}`;
  return new StoreError(
    'damaged',
    `${place}: ${what} Nothing was changed. Keep a copy of the whole folder. Then either put a backup of the folder ` +
      `back, or move ${without} away and start again without what was in there.`,
  );
}
