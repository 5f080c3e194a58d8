import {
  type CheckOutcome,
  DEFAULT_EXECUTION_LIMITS,
  type ExecutionCheck,
  type ExecutionOracle,
  wallLimitMs,
} from '@assay/loop';
import type { ExecutionItem } from '@assay/protocol';
import type { Sandbox } from '../adapters/sandbox/sandbox.ts';

/** Wrong code may take this many times as long as the reference before it is cut. */
const REFERENCE_FACTOR = 4;

/**
 * Executes an item. With a reference, that runs first: when it does not pass, the test or the
 * sandbox is at fault and the outcome is infrastructure; when it does, as many assertions have to
 * run, and the wall limit is at least four times what it took.
 *
 * @throws the reason of the signal when it is aborted
 */
export async function scoreExecution(
  item: ExecutionItem,
  sandbox: Sandbox,
  signal?: AbortSignal,
): Promise<CheckOutcome> {
  const check = checkOf(item);
  if (item.reference === undefined) return sandbox.check(check, signal);
  const { wallMs = DEFAULT_EXECUTION_LIMITS.wallMs } = check.limits ?? {};
  const known = await sandbox.check(
    {
      ...check,
      code: item.reference,
      limits: { ...check.limits, wallMs: REFERENCE_FACTOR * wallMs },
    },
    signal,
  );
  if (known.kind !== 'passed') {
    const message = `the reference does not pass: ${known.kind}: ${known.message}`;
    return { ...known, kind: 'infrastructure', message };
  }
  const policy = { floorMs: wallMs, factor: REFERENCE_FACTOR };
  const limits = { ...check.limits, wallMs: wallLimitMs(known.durationMs, policy) };
  return sandbox.check(
    { ...check, limits, oracle: withAssertions(check.oracle, known.checksPassed) },
    signal,
  );
}

function checkOf(item: ExecutionItem): ExecutionCheck {
  const { language, code, limits } = item;
  return { language, code, oracle: oracleOf(item), ...(limits === undefined ? {} : { limits }) };
}

function oracleOf({ checks, test, entryPoint, minimumAssertions }: ExecutionItem): ExecutionOracle {
  if (checks !== undefined) return { kind: 'calls', checks };
  return {
    kind: 'test',
    test: test ?? '',
    ...(entryPoint === undefined ? {} : { entryPoint }),
    ...(minimumAssertions === undefined ? {} : { minimumAssertions }),
  };
}

function withAssertions(oracle: ExecutionOracle, count: number): ExecutionOracle {
  if (oracle.kind === 'calls') return oracle;
  return { ...oracle, minimumAssertions: Math.max(oracle.minimumAssertions ?? 1, count) };
}
