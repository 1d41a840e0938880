import { parentPort, workerData } from 'node:worker_threads';
import { type FoldTask, foldFiles } from '../../durable/index.ts';
import { storeForm } from './form.ts';

// Reads snapshot and closed journal segments, and writes the new snapshot: the bot's own thread never turns a
// million votes into text.
parentPort?.postMessage(await foldFiles(storeForm, workerData as FoldTask));
