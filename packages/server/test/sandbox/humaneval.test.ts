import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createSandbox, type Sandbox } from '../../src/adapters/sandbox/sandbox.ts';
import { humanEvalTasks, kindsOf } from './humaneval-tasks.ts';

const tasks = humanEvalTasks();
/** Every fourth task, and the three whose reference does not pass; all by `npm run check:humaneval`. */
const FAILING: Readonly<Record<string, string>> = {
  'JavaScript/112': 'assertion-failed',
  'JavaScript/155': 'assertion-failed',
  'JavaScript/162': 'missing-module',
};
const isWhole = process.env['ASSAY_CHECK_HUMANEVAL'] === '1';
const chosen = tasks.filter((task, index) => isWhole || index % 4 === 0 || task.task_id in FAILING);

let sandbox: Sandbox;
beforeAll(() => {
  sandbox = createSandbox({ concurrency: 2 });
});
afterAll(() => sandbox.close());

// Without the data there is nothing to check; the reason is in the name of the skipped test.
describe.skipIf(tasks.length === 0)('HumanEval-X in JavaScript (needs ../shared)', () => {
  it('passes the references, but for the three that do not pass anywhere', async () => {
    const kinds = await kindsOf(sandbox, chosen, (task) => task.canonical_solution);
    const others = Object.fromEntries([...kinds].filter(([, kind]) => kind !== 'passed'));
    expect(others).toEqual(FAILING);
    if (isWhole) expect([...kinds.values()].filter((kind) => kind === 'passed')).toHaveLength(161);
  });

  it('passes no empty body', async () => {
    const kinds = await kindsOf(sandbox, chosen, () => '}\n');
    expect([...kinds.values()].filter((kind) => kind === 'passed')).toEqual([]);
  });
});
