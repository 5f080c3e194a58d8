import { panelRule } from '../stats/quadrature.ts';

/** Shapes of a Beta posterior. */
export interface BetaShape {
  readonly a: number;
  readonly b: number;
  /** Taken off the draw before arms are compared (a cost in units of reward); 0 when absent. */
  readonly shift?: number;
}

/** A normal posterior: mean and standard deviation. */
export interface NormalShape {
  readonly mean: number;
  readonly sd: number;
  /** Taken off the draw before arms are compared (a cost in units of reward); 0 when absent. */
  readonly shift?: number;
}

/** One arm as the integral sees it: where it lives and its density up to a factor. */
interface Arm {
  readonly mean: number;
  readonly sd: number;
  readonly low: number;
  readonly high: number;
  /** Logarithm of the density without its constant; only asked inside [low, high]. */
  readonly logDensity: (x: number) => number;
}

const RULE = panelRule(16);
const STEPS: readonly number[] = [0, 1, 2, 3.2, 4.6, 6.2, 8, 10];
// Powers of x that are no whole numbers bend hard at the ends of [0, 1].
const ENDS: readonly number[] = [0, 1e-7, 1e-5, 1e-3, 0.02, 0.1];

/** A place where a panel may begin; `scale` is the width of the arm that asks for it. */
interface Cut {
  readonly x: number;
  readonly scale: number;
}

function cutsOf(arm: Arm): Cut[] {
  const cuts: Cut[] = [arm.low, arm.high]
    .filter(Number.isFinite)
    .map((x): Cut => ({ x, scale: 0 }));
  for (const step of STEPS) {
    cuts.push({ x: arm.mean - step * arm.sd, scale: arm.sd });
    if (step > 0) cuts.push({ x: arm.mean + step * arm.sd, scale: arm.sd });
  }
  return cuts;
}

/** Ascending panel bounds that resolve every arm, without bounds that are needlessly close. */
function boundsOf(arms: readonly Arm[], extra: readonly number[]): number[] {
  const lowest = Math.min(...arms.map((arm) => Math.max(arm.low, arm.mean - 10 * arm.sd)));
  const highest = Math.max(...arms.map((arm) => Math.min(arm.high, arm.mean + 10 * arm.sd)));
  const cuts = [...arms.flatMap(cutsOf), ...extra.map((x): Cut => ({ x, scale: 0 }))];
  cuts.sort((p, q) => p.x - q.x);
  const bounds = [lowest];
  let last: Cut = { x: lowest, scale: 0 };
  for (const cut of cuts) {
    const gap = Math.max(1e-15, 0.4 * Math.min(cut.scale, last.scale));
    if (cut.x <= lowest || cut.x >= highest || cut.x - last.x <= gap) continue;
    bounds.push(cut.x);
    last = cut;
  }
  bounds.push(highest);
  return bounds;
}

/** Values of every arm at the nodes of every panel: density and distribution, normalised. */
function tabulate(
  arms: readonly Arm[],
  bounds: readonly number[],
): {
  density: Float64Array[];
  below: Float64Array[];
  weight: Float64Array;
} {
  const size = RULE.nodes.length;
  const panels = bounds.length - 1;
  const xs = new Float64Array(panels * size);
  const weight = new Float64Array(panels * size);
  for (let p = 0; p < panels; p++) {
    const low = bounds[p] ?? 0;
    const half = ((bounds[p + 1] ?? 0) - low) / 2;
    for (let i = 0; i < size; i++) {
      xs[p * size + i] = low + half * (1 + (RULE.nodes[i] ?? 0));
      weight[p * size + i] = half * (RULE.weights[i] ?? 0);
    }
  }
  const density: Float64Array[] = [];
  const below: Float64Array[] = [];
  for (const arm of arms) {
    const f = densityAt(arm, xs);
    const { F, total } = runningIntegral(f, bounds);
    for (let i = 0; i < f.length; i++) {
      f[i] = (f[i] ?? 0) / total;
      F[i] = Math.min(1, Math.max(0, (F[i] ?? 0) / total));
    }
    density.push(f);
    below.push(F);
  }
  return { density, below, weight };
}

/** Density of one arm at all nodes, scaled so that its largest value is 1. */
function densityAt(arm: Arm, xs: Float64Array): Float64Array {
  const f = new Float64Array(xs.length);
  let top = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < xs.length; i++) {
    const x = xs[i] ?? 0;
    const value = x <= arm.low || x >= arm.high ? Number.NEGATIVE_INFINITY : arm.logDensity(x);
    f[i] = value;
    if (value > top) top = value;
  }
  for (let i = 0; i < f.length; i++) f[i] = Math.exp((f[i] ?? 0) - top);
  return f;
}

/** Integral of tabulated values up to each node, and over everything. */
function runningIntegral(
  f: Float64Array,
  bounds: readonly number[],
): { F: Float64Array; total: number } {
  const size = RULE.nodes.length;
  const F = new Float64Array(f.length);
  let total = 0;
  for (let p = 0; p + 1 < bounds.length; p++) {
    const half = ((bounds[p + 1] ?? 0) - (bounds[p] ?? 0)) / 2;
    const start = p * size;
    let panel = 0;
    for (let i = 0; i < size; i++) {
      let sum = 0;
      for (let j = 0; j < size; j++) {
        sum += (RULE.cumulative[i * size + j] ?? 0) * (f[start + j] ?? 0);
      }
      F[start + i] = total + half * sum;
      panel += (RULE.weights[i] ?? 0) * (f[start + i] ?? 0);
    }
    total += half * panel;
  }
  return { F, total };
}

/** For every arm the integral of its density times the distributions of all the others. */
function largestDraw(arms: readonly Arm[], extra: readonly number[]): number[] {
  const count = arms.length;
  if (count <= 1) return arms.map(() => 1);
  const { density, below, weight } = tabulate(arms, boundsOf(arms, extra));
  const result = new Float64Array(count);
  const after = new Float64Array(count + 1);
  for (let i = 0; i < weight.length; i++) {
    after[count] = 1;
    for (let k = count - 1; k >= 0; k--) after[k] = (after[k + 1] ?? 0) * (below[k]?.[i] ?? 0);
    let before = weight[i] ?? 0;
    for (let k = 0; k < count; k++) {
      result[k] = (result[k] ?? 0) + (density[k]?.[i] ?? 0) * before * (after[k + 1] ?? 0);
      before *= below[k]?.[i] ?? 0;
    }
  }
  let sum = 0;
  for (let k = 0; k < count; k++) sum += result[k] ?? 0;
  return Array.from(result, (p) => p / sum);
}

/**
 * Probability of each arm to have the largest draw when every arm draws from its Beta posterior.
 *
 * Shapes below 1 are raised to 1: their density has no bound at the ends of [0, 1]. Exact to about
 * 1e-9; the work grows with the number of arms times the number of different posteriors.
 */
export function thompsonBetaProbabilities(shapes: readonly BetaShape[]): number[] {
  const extra = new Set<number>();
  const arms = shapes.map((shape): Arm => {
    const a = Math.max(1, shape.a);
    const b = Math.max(1, shape.b);
    const shift = shape.shift ?? 0;
    const total = a + b;
    for (const end of ENDS) {
      extra.add(end - shift);
      extra.add(1 - end - shift);
    }
    return {
      mean: a / total - shift,
      sd: Math.sqrt((a * b) / (total * total * (total + 1))),
      low: -shift,
      high: 1 - shift,
      logDensity: (x) => (a - 1) * Math.log(x + shift) + (b - 1) * Math.log1p(-(x + shift)),
    };
  });
  return largestDraw(arms, [...extra]);
}

/**
 * Probability of each arm to have the largest draw when every arm draws from a normal posterior.
 * Exact to about 1e-9. Standard deviations below 1e-9 count as 1e-9.
 */
export function thompsonNormalProbabilities(shapes: readonly NormalShape[]): number[] {
  const arms = shapes.map((shape): Arm => {
    const sd = Math.max(1e-9, shape.sd);
    const mean = shape.mean - (shape.shift ?? 0);
    return {
      mean,
      sd,
      low: Number.NEGATIVE_INFINITY,
      high: Number.POSITIVE_INFINITY,
      logDensity: (x) => -0.5 * ((x - mean) / sd) ** 2,
    };
  });
  return largestDraw(arms, []);
}
