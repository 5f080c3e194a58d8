// `npm test`: installs and builds what is missing, then runs every test.
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, run } from './setup.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
build();
run(process.execPath, [
  join(root, 'node_modules', 'vitest', 'vitest.mjs'),
  'run',
  ...process.argv.slice(2),
]);
