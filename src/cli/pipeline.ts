export { aggregateCommand } from './aggregate.ts';
export { evaluateCommand } from './evaluate.ts';
export { propagateCommand } from './propagate.ts';
export { rankCommand } from './rank.ts';
export { reproduceCommand } from './reproduce.ts';
export { trainCommand } from './train.ts';
