import { lockState } from '../../src/durable/index.ts';

// Holds the lock on a folder until it is killed.
await lockState(process.argv[2], { beatMs: 50, onLost: () => console.log('lost') });
console.log('locked');
setInterval(() => {}, 1_000);
