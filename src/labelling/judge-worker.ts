import { parentPort, workerData } from 'node:worker_threads';
import { finish } from '../../ml/steps.ts';
import { buffersOf, type JudgeTask } from './judge-thread.ts';
import { judgeVotes } from './judge-votes.ts';

// A second or two of arithmetic, which nobody's reaction should wait for.
const { votes, decisions } = workerData as JudgeTask;
const judged = finish(judgeVotes(votes, decisions));
parentPort?.postMessage({ votes, judged }, buffersOf({ votes, judged }));
