import { compareCode, type ParseCode, type SyntaxTree, treeSimilarity } from '@assay/loop';
import { openCodeParser } from '../packages/server/src/adapters/syntax/parse-code.ts';
import { type BenchRow, quantile } from './bench-row.ts';
import { generateDeclarations } from './generated-code.ts';

const LENGTH = 50_000;
const PAIRS = 60;
const WARM_UP = 10;
const TARGET_MS = 60;

interface CodePair {
  readonly before: string;
  readonly after: string;
}

/** A file of 50 KB, and the same with some functions taken out, put in and changed. */
function generatePair(seed: number): CodePair {
  const before = generateDeclarations(seed, LENGTH);
  const others = generateDeclarations(seed + 1_000_000, LENGTH / 10);
  const after = before.flatMap((text, place) => {
    if (place % 23 === 7) return [];
    if (place % 19 === 3) return [text.replaceAll('total', 'sum')];
    return place % 29 === 5 ? [text, others[place % others.length] ?? ''] : [text];
  });
  return { before: before.join(''), after: after.join('') };
}

function treeOf(parse: ParseCode, text: string): SyntaxTree {
  const parsed = parse('file.ts', text);
  if (parsed.kind !== 'tree') throw new Error(parsed.reason);
  return parsed.tree;
}

interface Spent {
  readonly wallMs: number;
  /** Unlike the wall time, hardly longer when the machine is busy with other work. */
  readonly cpuMs: number;
}

function timed(work: () => unknown): Spent {
  const cpu = process.cpuUsage();
  const started = performance.now();
  work();
  const wallMs = performance.now() - started;
  const { user, system } = process.cpuUsage(cpu);
  return { wallMs, cpuMs: (user + system) / 1000 };
}

function spread(spent: readonly Spent[]): { readonly p95: number; readonly note: string } {
  const measured = spent.slice(WARM_UP);
  const at = (read: (one: Spent) => number, p: number): number => quantile(measured.map(read), p);
  const wall = (one: Spent): number => one.wallMs;
  const cpu = (one: Spent): number => one.cpuMs;
  return {
    p95: at(wall, 0.95),
    note: `p50 ${at(wall, 0.5).toFixed(1)} ms; CPU time p50 ${at(cpu, 0.5).toFixed(1)}, p95 ${at(cpu, 0.95).toFixed(1)} ms`,
  };
}

/** Similarity of the syntax of two files, parsing included, on files that all differ. */
export async function benchAst(): Promise<BenchRow[]> {
  const opening = performance.now();
  const parse = await openCodeParser(['file.ts']);
  const openedMs = performance.now() - opening;
  const pairs = Array.from({ length: WARM_UP + PAIRS }, (_, seed) => generatePair(seed));
  let nodes = 0;
  const similarity = spread(
    pairs.map(({ before, after }) =>
      timed(() => {
        const [first, second] = [treeOf(parse, before), treeOf(parse, after)];
        treeSimilarity(first, second);
        nodes = first.nodeCount + second.nodeCount;
      }),
    ),
  );
  const whole = spread(
    pairs.map(({ before, after }) =>
      timed(() =>
        compareCode([{ path: 'file.ts', text: before }], [{ path: 'file.ts', text: after }], parse),
      ),
    ),
  );
  return [
    {
      name: `AST similarity of two TypeScript files of ${LENGTH / 1000} KB, p95`,
      unit: 'ms',
      value: similarity.p95,
      target: `< ${TARGET_MS}`,
      isMet: similarity.p95 < TARGET_MS,
      n: PAIRS,
      note: `parsing included; ${similarity.note}; ${nodes.toLocaleString('en-US')} nodes; first use opens the grammar in ${openedMs.toFixed(0)} ms`,
    },
    {
      name: 'the whole comparison of the same files (lines, scaffolding, multiplier), p95',
      unit: 'ms',
      value: whole.p95,
      n: PAIRS,
      note: whole.note,
    },
  ];
}
