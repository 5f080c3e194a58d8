/**
 * Documents of one block, column by column: the values of one field of a thousand documents
 * compress better next to each other than each in its own document.
 *
 * The form is JSON `{v: 1, shapes, ids, cols, raw?}`. A shape is 0 for a scalar, an array of shapes
 * for an array, `{"k": [[key, shape], ...]}` for an object; `ids[i]` is the shape of document i.
 * `cols` holds `[path, scalars]` in the order in which the documents are walked: `.key` for a
 * member, `#` for any element. The walk gives every scalar its place, so keys that contain `.` or
 * `#` are harmless. `raw` holds `[i, line]` of documents that cannot be taken apart; their id is -1.
 *
 * JSON values are kept, not bytes: `1.0` comes back as 1, and spaces are gone. A document with a
 * number that JavaScript would change (an integer beyond 2^53) is kept as it is.
 */
export type Shape = 0 | readonly Shape[] | { readonly k: readonly (readonly [string, Shape])[] };

type Scalar = string | number | boolean | null;

interface TransposedText {
  readonly v: 1;
  readonly shapes: readonly Shape[];
  readonly ids: readonly number[];
  readonly cols: readonly (readonly [string, readonly Scalar[]])[];
  readonly raw?: readonly (readonly [number, string])[];
}

/** Puts documents together, one after the other. */
export interface Transposer {
  /** Takes the next document, as its JSON. */
  add(line: string): void;
  /** How many documents there are. */
  size(): number;
  /** The text of the block. */
  text(): string;
}

/** Deeper documents stay as they are: walking them would exhaust the stack. */
const MAX_DEPTH = 200;

/** Numbers that JSON would not give back as they came: the document is kept as it is. */
function isLossy(value: unknown): boolean {
  if (typeof value !== 'number') return false;
  const isBig = Number.isInteger(value) && !Number.isSafeInteger(value);
  return isBig || !Number.isFinite(value) || Object.is(value, -0);
}

/** The shape of a value; its scalars go to `found` with their paths, in order. */
function takeApart(
  value: unknown,
  path: string,
  depth: number,
  found: (readonly [string, Scalar])[],
): Shape {
  if (typeof value !== 'object' || value === null) {
    if (isLossy(value)) throw new RangeError('a number that would change');
    found.push([path, value as Scalar]);
    return 0;
  }
  if (depth > MAX_DEPTH) throw new RangeError('nested too deeply');
  if (Array.isArray(value)) {
    return value.map((item) => takeApart(item, `${path}#`, depth + 1, found));
  }
  const members = Object.entries(value).map(
    ([key, member]) => [key, takeApart(member, `${path}.${key}`, depth + 1, found)] as const,
  );
  return { k: members };
}

/** An empty block. */
export function createTransposer(): Transposer {
  const shapes = new Map<string, number>();
  const shapeList: Shape[] = [];
  const ids: number[] = [];
  const columns = new Map<string, Scalar[]>();
  const raw: [number, string][] = [];

  function shapeId(shape: Shape): number {
    const key = JSON.stringify(shape);
    const known = shapes.get(key);
    if (known !== undefined) return known;
    shapes.set(key, shapeList.length);
    return shapeList.push(shape) - 1;
  }

  return {
    add(line) {
      const found: (readonly [string, Scalar])[] = [];
      let shape: Shape;
      try {
        shape = takeApart(JSON.parse(line), '', 0, found);
      } catch {
        raw.push([ids.push(-1) - 1, line]);
        return;
      }
      ids.push(shapeId(shape));
      for (const [path, scalar] of found) {
        const column = columns.get(path);
        if (column === undefined) columns.set(path, [scalar]);
        else column.push(scalar);
      }
    },
    size: () => ids.length,
    text() {
      const block: TransposedText = { v: 1, shapes: shapeList, ids, cols: [...columns] };
      return JSON.stringify(raw.length === 0 ? block : { ...block, raw });
    },
  };
}

/** A block that gives its documents back. Reading in ascending order is fastest. */
export interface TransposedBlock {
  readonly size: number;
  /** JSON of a document; undefined when there is none with this number. */
  line(index: number): string | undefined;
}

/** What is written for a shape: `texts[0]`, a scalar of `columns[0]`, `texts[1]`, and so on. */
interface Plan {
  readonly texts: readonly string[];
  /** Numbers of columns, one per scalar, in the order of the walk. */
  readonly columns: readonly number[];
}

/** Members of a container: what is written before each, and its step in the path. */
function membersOf(shape: Exclude<Shape, 0>): { name: string; step: string; member: Shape }[] {
  if ('k' in shape) {
    return shape.k.map(([key, member]) => {
      return { name: `${JSON.stringify(key)}:`, step: `.${key}`, member };
    });
  }
  return shape.map((member) => ({ name: '', step: '#', member }));
}

/** Works out the plan of a shape; -1 stands for a column that the block lacks. */
function planOf(root: Shape, columnNumbers: ReadonlyMap<string, number>): Plan {
  const texts: string[] = [];
  const columns: number[] = [];
  let text = '';
  const walk = (shape: Shape, path: string): void => {
    if (shape === 0) {
      texts.push(text);
      text = '';
      columns.push(columnNumbers.get(path) ?? -1);
      return;
    }
    text += 'k' in shape ? '{' : '[';
    for (const [i, { name, step, member }] of membersOf(shape).entries()) {
      text += `${i > 0 ? ',' : ''}${name}`;
      walk(member, path + step);
    }
    text += 'k' in shape ? '}' : ']';
  };
  walk(root, '');
  texts.push(text);
  return { texts, columns };
}

/**
 * Reads the text of a block.
 * @throws Error when the text is not such a block
 */
export function readTransposed(text: string): TransposedBlock {
  const block = JSON.parse(text) as TransposedText;
  if (block.v !== 1) throw new Error(`transposed blocks of version ${block.v} are not known`);
  const columns = block.cols.map(([, scalars]) => scalars);
  const columnNumbers = new Map(block.cols.map(([path], i) => [path, i]));
  const raw = new Map(block.raw ?? []);
  const plans: (Plan | undefined)[] = [];
  let position = 0;
  let used = new Uint32Array(columns.length);

  function planAt(index: number): Plan | null {
    const id = block.ids[index] ?? -1;
    if (id === -1) return null;
    const known = plans[id];
    if (known !== undefined) return known;
    const shape = block.shapes[id];
    if (shape === undefined) throw new Error(`the block lacks shape ${id}`);
    const plan = planOf(shape, columnNumbers);
    plans[id] = plan;
    return plan;
  }

  function next(column: number): Scalar {
    const at = used[column] ?? 0;
    used[column] = at + 1;
    const scalar = columns[column]?.[at];
    if (scalar === undefined) throw new Error('the block has too few values');
    return scalar;
  }

  function moveTo(index: number): void {
    if (index < position) {
      position = 0;
      used = new Uint32Array(columns.length);
    }
    for (; position < index; position++) {
      for (const column of planAt(position)?.columns ?? []) used[column] = (used[column] ?? 0) + 1;
    }
  }

  return {
    size: block.ids.length,
    line(index) {
      if (block.ids[index] === -1) return raw.get(index);
      const plan = planAt(index);
      if (plan === null) return undefined;
      moveTo(index);
      let line = plan.texts[0] ?? '';
      for (const [i, column] of plan.columns.entries()) {
        line += JSON.stringify(next(column)) + (plan.texts[i + 1] ?? '');
      }
      position = index + 1;
      return line;
    },
  };
}
