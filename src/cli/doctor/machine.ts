import { access, constants, readFile, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { loadBackend } from '../../../ml/backend.ts';
import { MEASURED_NETWORK, measureTrainingStep } from '../../../ml/backend-speed.ts';
import { openCurrentCatalogue } from '../../catalogue/catalogue-files.ts';
import type { Config } from '../../config.ts';
import type { Catalogue } from '../../domain/catalogue.ts';
import { PACKAGE_ROOT } from '../../paths.ts';
import { currentModelDir, readModel } from '../../training/model-files.ts';
import { type Check, type Finding, fine, note, wrong } from './check.ts';

const manifest = z.object({ engines: z.object({ node: z.string().regex(/^>=\d+\.\d+\.\d+$/) }) });

/** Whether a version is at least another; both `major.minor.patch`. */
export function isAtLeast(version: string, least: string): boolean {
  const numbers = (text: string) => text.split('.').map((part) => Number.parseInt(part, 10));
  const [is, should] = [numbers(version), numbers(least)];
  const at = is.findIndex((number, index) => number !== should[index]);
  return at === -1 || is[at] > should[at];
}

async function nodeVersion(): Promise<Finding> {
  const text = await readFile(path.join(PACKAGE_ROOT, 'package.json'), 'utf8');
  const least = manifest.parse(JSON.parse(text)).engines.node.slice(2);
  const { node } = process.versions;
  return isAtLeast(node, least)
    ? fine(`Node.js ${node}`)
    : wrong(`Node.js ${node} is older than ${least}`, 'install 22 or 24 from nodejs.org');
}

/** The folder itself, or the one above it in which it would be made. */
async function nearestFolder(dir: string): Promise<string> {
  try {
    if ((await stat(dir)).isDirectory()) return dir;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT' || path.dirname(dir) === dir) throw error;
    return nearestFolder(path.dirname(dir));
  }
  throw Object.assign(new Error(`${dir} is no folder`), { code: 'ENOTDIR' });
}

async function stateFolder({ stateDir }: Config): Promise<Finding> {
  try {
    const folder = await nearestFolder(stateDir);
    if (folder === stateDir) {
      // Rights alone do not tell of a full or read-only disk.
      const probe = path.join(stateDir, `.doctor-${process.pid}`);
      await writeFile(probe, 'may be deleted\n', { mode: 0o600 });
      await rm(probe);
      return fine(`State folder: ${stateDir}, writable`);
    }
    await access(folder, constants.W_OK);
    return note(`State folder: ${stateDir} is not there yet; the bot makes it when it starts`);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return wrong(
      `State folder: ${stateDir} cannot be written (${code})`,
      'give it to the account that runs the bot, or set STATE_DIR to another folder',
    );
  }
}

/** Errors of files that hold a sentence for the operator, with what to do in it. */
function fileProblem(what: string, error: unknown): Finding {
  const { name, message } = error as Error;
  if (!['CatalogueError', 'ModelError'].includes(name)) throw error;
  return wrong(`${what}: ${message}`, 'the sentence says how; back the state folder up first');
}

async function catalogueAndModel({ stateDir }: Config): Promise<readonly Finding[]> {
  let catalogue: Catalogue | undefined;
  try {
    catalogue = await openCurrentCatalogue(stateDir);
  } catch (error) {
    return [fileProblem('Catalogue', error)];
  }
  if (catalogue === undefined) {
    return [
      note('Catalogue: none yet; the bot composes its demo songs when it starts'),
      note('Model: none yet; the first start trains one'),
    ];
  }
  const songs = fine(`Catalogue: ${catalogue.name}, ${catalogue.size.toLocaleString('en')} songs`);
  try {
    const dir = await currentModelDir(stateDir);
    if (dir === undefined) return [songs, note('Model: none yet; the bot trains one when it starts')];
    const { metrics, createdAt, catalogueVersion } = await readModel(dir);
    const when = new Date(createdAt).toISOString().slice(0, 16).replace('T', ' ');
    const about = `Model: of ${when} UTC, ${metrics.labelledSongs} songs labelled, trained with ${metrics.backend}`;
    return [
      songs,
      catalogueVersion === catalogue.version
        ? fine(about)
        : note(`${about}, on an earlier catalogue; the bot trains again when it starts`),
    ];
  } catch (error) {
    return [songs, fileProblem('Model', error)];
  }
}

async function backend({ backend: wish }: Config): Promise<Finding> {
  const live = await loadBackend(wish);
  const ms = measureTrainingStep(live.tf);
  const text = `TensorFlow.js: ${live.why}; a training step of ${MEASURED_NETWORK} takes ${ms.toFixed(1)} ms`;
  if (wish !== 'auto' && wish !== live.name) {
    return wrong(
      text,
      `TFJS_BACKEND=${wish} does not work here: install it (npm ci), or set TFJS_BACKEND=auto`,
    );
  }
  return live.name === 'cpu' && wish === 'auto'
    ? note(text, 'it works but is slow; npm ci brings WebAssembly back')
    : fine(text);
}

export const machineCheck: Check = {
  title: 'This machine',
  async *run(config) {
    yield await nodeVersion();
    yield await stateFolder(config);
    yield* await catalogueAndModel(config);
    yield await backend(config);
  },
};
