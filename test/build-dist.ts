import { execFileSync } from 'node:child_process';
import path from 'node:path';

/** Tests start child processes and threads from dist/, as the product does. */
export default function buildDist(): void {
  execFileSync(process.execPath, [path.join(import.meta.dirname, '..', 'scripts', 'build.mjs'), '--quiet'], {
    stdio: 'inherit',
  });
}
