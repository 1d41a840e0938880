// Bundles the bot, its child processes and threads, and the room's browser code into dist/.
// Type checking is `npm run types`; this only transpiles, in well under a second.
import { cpSync, existsSync, mkdirSync, readdirSync, rmSync, statSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = path.dirname(path.dirname(fileURLToPath(import.meta.url)));
const dist = path.join(root, 'dist');
const quiet = process.argv.includes('--quiet');
const withBench = process.argv.includes('--bench');

/** Every file below a folder. */
function walk(folder) {
  return readdirSync(folder).flatMap((name) => {
    const file = path.join(folder, name);
    return statSync(file).isDirectory() ? walk(file) : [file];
  });
}

let esbuild;
try {
  esbuild = await import('esbuild');
} catch (error) {
  // `npm ci --omit=dev` leaves the build tools out; a dist that is already there is enough to start.
  if (existsSync(path.join(dist, 'main.js'))) process.exit(0);
  throw error;
}

const started = performance.now();
const common = { bundle: true, sourcemap: true, logLevel: 'warning', absWorkingDir: root };

// Everything that runs as a process or thread of its own is an entry point: `*-child.ts` and `*-worker.ts`.
const entries = {};
for (const name of ['main', 'cli']) entries[name] = path.join(root, 'src', `${name}.ts`);
for (const file of walk(path.join(root, 'src'))) {
  if (/-(child|worker)\.ts$/.test(file)) entries[path.basename(file, '.ts')] = file;
}
if (withBench) {
  const folder = path.join(root, 'test', 'bench');
  entries.bench = path.join(folder, 'bench.ts');
  for (const file of walk(folder).filter((name) => name.endsWith('-child.ts'))) {
    entries[path.basename(file, '.ts')] = file;
  }
}

mkdirSync(dist, { recursive: true });
const { metafile } = await esbuild.build({
  ...common,
  entryPoints: entries,
  outdir: dist,
  platform: 'node',
  format: 'esm',
  target: 'node20.19',
  packages: 'external',
  splitting: true,
  chunkNames: 'chunks/[name]-[hash]',
  metafile: true,
});

// Chunks of earlier builds would pile up, and be packed.
const made = new Set(Object.keys(metafile.outputs).map((file) => path.resolve(root, file)));
for (const file of walk(path.join(dist, 'chunks'))) if (!made.has(file)) rmSync(file, { force: true });

const client = path.join(root, 'src', 'chat', 'room', 'client');
const out = path.join(dist, 'client');
mkdirSync(out, { recursive: true });
await esbuild.build({
  ...common,
  entryPoints: { room: path.join(client, 'main.ts') },
  outdir: out,
  platform: 'browser',
  format: 'esm',
  target: 'es2022',
  minify: true,
});
cpSync(path.join(client, 'public'), out, { recursive: true });
if (!quiet) console.log(`built dist/ in ${Math.round(performance.now() - started)} ms`);
