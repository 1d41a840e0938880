import { existsSync } from 'node:fs';
import path from 'node:path';

function findRoot(): string {
  let folder = import.meta.dirname;
  while (!existsSync(path.join(folder, 'package.json'))) {
    const parent = path.dirname(folder);
    if (parent === folder)
      throw new Error('package.json was not found above the program: reinstall Reactune.');
    folder = parent;
  }
  return folder;
}

/** The folder that holds package.json, in a checkout and in an installed package alike. */
export const PACKAGE_ROOT = findRoot();

/** A built program that runs as a process or thread of its own, by its file name without ending. */
export function builtEntry(name: string): string {
  return path.join(PACKAGE_ROOT, 'dist', `${name}.js`);
}
