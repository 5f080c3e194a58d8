/** Says on standard output how far a long step is. */
export interface Progress {
  readonly update: (done: number, note?: string) => void;
  /** Prints a line of its own without tearing the bar. */
  readonly say: (line: string) => void;
  readonly finish: () => void;
}

const WIDTH = 28;

/** Writes a line to standard output. */
export function print(line = ''): void {
  process.stdout.write(`${line}\n`);
}

function barOf(share: number): string {
  const full = Math.round(share * WIDTH);
  return `${'#'.repeat(full)}${'.'.repeat(WIDTH - full)}`;
}

/**
 * Starts a progress display for `total` steps: a bar on a terminal, otherwise a line at each
 * quarter.
 */
export function startProgress(label: string, total: number): Progress {
  const isTerminal = process.stdout.isTTY === true;
  let quarter = 0;
  let drawn = '';
  let lastDrawMs = 0;
  const clear = () => {
    if (drawn !== '') process.stdout.write('\r\u001b[K');
  };
  const draw = (done: number, note: string) => {
    const share = total === 0 ? 1 : done / total;
    if (isTerminal) {
      if (performance.now() - lastDrawMs < 60 && done < total) return;
      lastDrawMs = performance.now();
      drawn = `${label} [${barOf(share)}] ${String(Math.floor(share * 100)).padStart(3)} % ${note}`;
      process.stdout.write(`\r\u001b[K${drawn}`);
    } else if (share * 4 >= quarter + 1) {
      quarter = Math.floor(share * 4);
      print(`${label}: ${quarter * 25} % ${note}`);
    }
  };
  return {
    update: (done, note = '') => draw(done, note),
    say: (line) => {
      clear();
      print(line);
      if (isTerminal && drawn !== '') process.stdout.write(drawn);
    },
    finish: () => {
      clear();
      drawn = '';
    },
  };
}
