// `npm run check:humaneval`: every task of HumanEval-X in JavaScript, where `npm test` takes a sample.
import { join } from 'node:path';
import { run } from './setup.mjs';

run(
  process.execPath,
  [
    join('node_modules', 'vitest', 'vitest.mjs'),
    'run',
    'packages/server/test/sandbox/humaneval.test.ts',
  ],
  { env: { ...process.env, ASSAY_CHECK_HUMANEVAL: '1' } },
);
