export {
  type Durable,
  type DurableForm,
  type DurableOptions,
  type Folded,
  type FoldTask,
  foldFiles,
  openDurable,
  readDurable,
} from './durable.ts';
export { lockState, type StateLock } from './lock.ts';
