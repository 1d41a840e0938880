import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // Child processes and threads are started from dist/, so it is built once before the tests.
    globalSetup: ['test/build-dist.ts'],
    pool: 'forks',
    maxWorkers: 2,
    // Only a test that hangs runs into it: a busy machine may take its time.
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
});
