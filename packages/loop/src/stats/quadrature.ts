/** Nodes and weights of Gauss-Legendre quadrature on [-1, 1]. */
export interface GaussLegendre {
  readonly nodes: Float64Array;
  readonly weights: Float64Array;
}

/** A Gauss-Legendre rule with the matrix that integrates from -1 up to each of its nodes. */
export interface PanelRule extends GaussLegendre {
  /** Row-major: `cumulative[i * n + j]` is the weight of value j in the integral up to node i. */
  readonly cumulative: Float64Array;
}

/** Legendre polynomials P_0..P_degree at x. */
function legendre(degree: number, x: number): Float64Array {
  const values = new Float64Array(degree + 1);
  values[0] = 1;
  if (degree > 0) values[1] = x;
  for (let k = 1; k < degree; k++) {
    values[k + 1] = ((2 * k + 1) * x * (values[k] ?? 0) - k * (values[k - 1] ?? 0)) / (k + 1);
  }
  return values;
}

/** Gauss-Legendre rule with `count` nodes in ascending order, exact for degree 2 count - 1. */
export function gaussLegendre(count: number): GaussLegendre {
  const nodes = new Float64Array(count);
  const weights = new Float64Array(count);
  for (let i = 0; i < count; i++) {
    let x = -Math.cos((Math.PI * (i + 0.75)) / (count + 0.5));
    let slope = 1;
    for (let step = 0; step < 100; step++) {
      const p = legendre(count, x);
      const top = p[count] ?? 0;
      slope = (count * (x * top - (p[count - 1] ?? 0))) / (x * x - 1);
      const change = top / slope;
      x -= change;
      if (Math.abs(change) < 1e-16) break;
    }
    nodes[i] = x;
    weights[i] = 2 / ((1 - x * x) * slope * slope);
  }
  return { nodes, weights };
}

/**
 * Rule for a panel of which both the integral and the running integral at every node are wanted.
 * The running integral is that of the polynomial through the nodes, so it is as exact as the rule.
 */
export function panelRule(count: number): PanelRule {
  const { nodes, weights } = gaussLegendre(count);
  const cumulative = new Float64Array(count * count);
  const atNodes = Array.from(nodes, (x) => legendre(count, x));
  for (let i = 0; i < count; i++) {
    const x = nodes[i] ?? 0;
    for (let j = 0; j < count; j++) {
      let sum = (x + 1) / 2;
      for (let k = 1; k < count; k++) {
        const above = k + 1 <= count ? (atNodes[i]?.[k + 1] ?? 0) : 0;
        sum += ((atNodes[j]?.[k] ?? 0) * (above - (atNodes[i]?.[k - 1] ?? 0))) / 2;
      }
      cumulative[i * count + j] = (weights[j] ?? 0) * sum;
    }
  }
  return { nodes, weights, cumulative };
}

/** Integral of `f` over [low, high] with `panels` equal panels of the given rule. */
export function integrate(
  f: (x: number) => number,
  low: number,
  high: number,
  panels: number,
  rule: GaussLegendre,
): number {
  const half = (high - low) / panels / 2;
  let total = 0;
  for (let p = 0; p < panels; p++) {
    const centre = low + half * (2 * p + 1);
    for (let i = 0; i < rule.nodes.length; i++) {
      total += half * (rule.weights[i] ?? 0) * f(centre + half * (rule.nodes[i] ?? 0));
    }
  }
  return total;
}
