export {
  type Durable,
  type DurableForm,
  type DurableOptions,
  type Folded,
  type FoldTask,
  foldFiles,
  openDurable,
} from './durable.ts';
export { lockState, type StateLock } from './lock.ts';
