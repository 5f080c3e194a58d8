/**
 * Works on items as they come, up to `concurrency` at a time, and yields the results in the order of
 * the items, each as soon as it and all before it are done. Reads at most `8 * concurrency` items
 * ahead of the one that is waited for, so that memory stays flat. The first error of `work` or of
 * the source ends it; work that is under way is then left to its own devices.
 */
export async function* mapInOrder<Item, Result>(
  items: AsyncIterable<Item>,
  concurrency: number,
  work: (item: Item) => Promise<Result>,
): AsyncGenerator<Result> {
  const source = items[Symbol.asyncIterator]();
  const enter = turnstile(concurrency);
  const queue: Promise<Result>[] = [];
  let next: Promise<IteratorResult<Item>> | null = read(source);
  try {
    while (next !== null || queue.length > 0) {
      const [head] = queue;
      const arriving: Promise<IteratorResult<Item>> | null =
        queue.length < 8 * concurrency ? next : null;
      const arrived = await Promise.race([
        ...(head === undefined ? [] : [head.then(() => 'result' as const)]),
        ...(arriving === null ? [] : [arriving.then(() => 'item' as const)]),
      ]);
      if (arrived === 'result') {
        yield await (queue.shift() as Promise<Result>);
        continue;
      }
      const { done, value } = await (next as Promise<IteratorResult<Item>>);
      if (done === true) next = null;
      else {
        queue.push(quiet(enter(() => work(value))));
        next = read(source);
      }
    }
  } finally {
    // Not awaited: a source that is waiting for its next item would answer only then.
    source.return?.().catch(() => {});
  }
}

function read<Item>(source: AsyncIterator<Item>): Promise<IteratorResult<Item>> {
  return quiet(source.next());
}

/** The same promise; when nobody comes to see it fail, that is no fault of the program. */
function quiet<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => {});
  return promise;
}

/** Lets `most` pieces of work through at a time, the others in turn. */
function turnstile(most: number): <T>(work: () => Promise<T>) => Promise<T> {
  let inside = 0;
  const waiting: (() => void)[] = [];
  return async (work) => {
    if (inside >= most) await new Promise<void>((resolve) => waiting.push(resolve));
    else inside += 1;
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      if (next === undefined) inside -= 1;
      else next();
    }
  };
}
