/** One figure of the server, as Prometheus reads it. */
export interface Metric {
  /** Snake case with the unit at the end, without the prefix `assay_`. */
  readonly name: string;
  readonly type: 'counter' | 'gauge';
  readonly help: string;
  readonly samples: readonly {
    readonly labels?: Readonly<Record<string, string>>;
    readonly value: number;
  }[];
}

const escapeLabel = (value: string): string =>
  value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');

function sampleLine(name: string, labels: Readonly<Record<string, string>>, value: number): string {
  const pairs = Object.entries(labels).map(([key, label]) => `${key}="${escapeLabel(label)}"`);
  return `assay_${name}${pairs.length > 0 ? `{${pairs.join(',')}}` : ''} ${value}`;
}

/** The figures in the text format of Prometheus, version 0.0.4. */
export function renderMetrics(metrics: readonly Metric[]): string {
  const lines = metrics.flatMap((metric) => [
    `# HELP assay_${metric.name} ${metric.help}`,
    `# TYPE assay_${metric.name} ${metric.type}`,
    ...metric.samples.map((sample) => sampleLine(metric.name, sample.labels ?? {}, sample.value)),
  ]);
  return `${lines.join('\n')}\n`;
}
