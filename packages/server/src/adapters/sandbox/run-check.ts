import {
  type CallCheck,
  type CheckCounts,
  type CheckOutcome,
  describeCheckValue,
  type ExecutionCheck,
  type ExecutionLimits,
  type ExecutionOracle,
  equalCheckValues,
} from '@assay/loop';
import type { Cell } from './cell.ts';
import { ask, ConversationBroken, command, relayTest } from './conversation.ts';
import type { TestReport } from './guest/message.ts';
import type { ValueGraph } from './guest/value-graph.ts';
import { type Fault, faultOf, thrownFault, thrownOf } from './outcome-fault.ts';
import { callGraph, checkValueOf, type Dialect } from './value-tree.ts';

/** The cells of one check: the test has one of its own, so that the code cannot reach it. */
export interface CheckCells {
  readonly candidate: Cell;
  readonly test: Cell | null;
}

/** What a check found, before time and output are known. */
export type Finding = Fault & Pick<CheckCounts, 'checksPassed' | 'checksFailed'>;

/** What happens around the code itself. */
export interface RunHooks {
  /** The code is about to be loaded: from here on time counts. */
  onStart(): void;
}

/** Runs the code and lets the oracle decide. Never throws for what the code does. */
export async function runCheck(
  check: ExecutionCheck,
  cells: CheckCells,
  limits: ExecutionLimits,
  hooks: RunHooks,
): Promise<Finding> {
  const { oracle } = check;
  try {
    const names = await prepare(check, cells, limits);
    hooks.onStart();
    await command(cells.candidate, { do: 'load', source: check.code });
    if (oracle.kind === 'calls') return await runCalls(check, oracle.checks, cells.candidate);
    if (cells.test === null) throw new Error('a test needs a cell of its own');
    return await runTest(oracle, names, cells.candidate, cells.test);
  } catch (error) {
    if (!(error instanceof ConversationBroken)) throw error;
    const total = oracle.kind === 'calls' ? oracle.checks.length : 1;
    return { ...faultOf(error, cells.test), checksPassed: 0, checksFailed: total };
  }
}

/** Opens the interpreters and parses the test, which is not the fault of the code when it fails. */
async function prepare(
  { oracle }: ExecutionCheck,
  { candidate, test }: CheckCells,
  limits: ExecutionLimits,
): Promise<readonly string[]> {
  await command(candidate, { do: 'open', role: 'candidate', ...limits });
  if (test === null || oracle.kind !== 'test') return [];
  await command(test, { do: 'open', role: 'test', ...limits });
  return command<readonly string[]>(test, { do: 'prepare', source: oracle.test });
}

async function runTest(
  oracle: Extract<ExecutionOracle, { kind: 'test' }>,
  names: readonly string[],
  candidate: Cell,
  test: Cell,
): Promise<Finding> {
  const { g } = await ask(candidate, { op: 'names', names });
  const defined = checkValueOf(g, 'javascript');
  const entryPoint = oracle.entryPoint ?? null;
  const run = {
    do: 'run',
    entryPoint,
    names: Array.isArray(defined) ? defined.filter((name) => names.includes(String(name))) : [],
  } as const;
  const report = JSON.parse(await relayTest<string>(test, candidate, run)) as TestReport;
  const { assertions, failures, failure, error } = report;
  const counts = { checksPassed: assertions - failures, checksFailed: failures };
  if (failure !== null) return { kind: 'assertion-failed', message: failure, ...counts };
  if (error !== null) return { ...thrownFault(error), ...counts, checksFailed: 1 };
  const minimum = oracle.minimumAssertions ?? 1;
  if (assertions < minimum) {
    const message = `${assertions} assertions ran, ${minimum} are expected`;
    return { kind: 'assertion-failed', message, ...counts, checksFailed: minimum - assertions };
  }
  return { kind: 'passed', message: `${assertions} assertions held`, ...counts };
}

async function runCalls(
  { language }: ExecutionCheck,
  checks: readonly CallCheck[],
  candidate: Cell,
): Promise<Finding> {
  const dialect = language === 'python' ? 'python' : 'javascript';
  let checksPassed = 0;
  let first: Fault | null = null;
  for (const check of checks) {
    let fault: Fault | null;
    try {
      fault = await runCall(check, dialect, candidate);
    } catch (error) {
      // Nothing can be asked any more: the checks that are left count as failed.
      if (!(error instanceof ConversationBroken)) throw error;
      fault = faultOf(error, null);
      const counts = { checksPassed, checksFailed: checks.length - checksPassed };
      return { ...(first ?? fault), ...counts };
    }
    if (fault === null) checksPassed += 1;
    else first ??= fault;
  }
  const counts = { checksPassed, checksFailed: checks.length - checksPassed };
  if (first !== null) return { ...first, ...counts };
  return checksPassed > 0
    ? { kind: 'passed', message: `${checksPassed} checks held`, ...counts }
    : { kind: 'infrastructure', message: 'there is nothing to check', ...counts };
}

/** One call; null when it gives what is expected. */
async function runCall(check: CallCheck, dialect: Dialect, candidate: Cell): Promise<Fault | null> {
  const name = check.call;
  const target = await ask(candidate, { op: 'value', name });
  if (target.thrown) return thrownFault(thrownOf(target.g));
  if (!isFunction(target.g)) return { kind: 'runtime-error', message: `${name} is no function` };
  const args = check.args ?? [];
  const answer = await ask(candidate, {
    op: 'call',
    name,
    settle: true,
    g: callGraph(dialect, args),
  });
  const call = `${name}(${args.map((value) => describeCheckValue(value, 40)).join(', ')})`;
  if (answer.thrown) return judgeThrown(check, call, answer.g);
  const value = checkValueOf(answer.g, dialect);
  const given = `${call} gave ${describeCheckValue(value)}`;
  if ('throws' in check) return { kind: 'assertion-failed', message: `${given} and threw nothing` };
  return equalCheckValues(value, check.expected, check.tolerance)
    ? null
    : { kind: 'assertion-failed', message: `${given}, not ${describeCheckValue(check.expected)}` };
}

function judgeThrown(check: CallCheck, call: string, graph: ValueGraph): Fault | null {
  const thrown = thrownOf(graph);
  const fault = thrownFault(thrown);
  if (!('throws' in check) || fault.kind !== 'runtime-error') {
    return { ...fault, message: `${call}: ${fault.message}` };
  }
  if (check.throws === true || check.throws === thrown.name) return null;
  const message = `${call} threw ${thrown.name || thrown.message}, not ${check.throws}`;
  return { kind: 'assertion-failed', message };
}

function isFunction({ r, g }: ValueGraph): boolean {
  const node = Array.isArray(r) && r[0] === '#' ? g[r[1]] : undefined;
  return node?.k === 'ref' && node.w === 'function';
}

/** A finding as an outcome. */
export function outcomeOf(
  finding: Finding,
  rest: Pick<CheckCounts, 'durationMs' | 'output'>,
): CheckOutcome {
  return { ...finding, ...rest };
}
