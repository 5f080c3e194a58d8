import { defineConfig } from 'vitest/config';

// Vitest passes these to Node as flags: with 'import' among them, require() of a CommonJS package that
// ships both forms (pg) would be given the ES module. Vite adds 'import' and 'default' by itself.
const conditions = ['@assay/source', 'node'];
const resolve = { resolve: { conditions }, ssr: { resolve: { conditions } } };

export default defineConfig({
  test: {
    projects: [
      {
        ...resolve,
        test: {
          name: 'unit',
          include: ['packages/{loop,protocol}/src/**/*.test.ts', 'test/*.test.ts'],
          // No test is timed; the limit only ends what hangs, also on a busy machine.
          testTimeout: 60_000,
        },
      },
      {
        ...resolve,
        test: {
          name: 'system',
          include: [
            'packages/{server,client}/src/**/*.test.ts',
            'packages/*/test/**/*.test.ts',
            'examples/*/src/**/*.test.ts',
            'test/e2e/**/*.test.ts',
            'test/crash/**/*.test.ts',
          ],
          hookTimeout: 120_000,
          testTimeout: 180_000,
          maxWorkers: 2,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
