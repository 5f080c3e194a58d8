import type { JudgeCriterion, JudgeRubric } from '@assay/loop';
import { z } from 'zod';
import { AssayError } from './errors.ts';

const text = z.string().max(1_000_000);
const words = z.string().trim().min(1).max(10_000);
const grade = z.number().min(-1_000_000).max(1_000_000);

/** A criterion of which only the name is needed. */
export interface NamedCriterionInput {
  readonly name: string;
  readonly description?: string;
  /** 1 when absent. */
  readonly weight?: number;
  /** What a grade means, by grade: `{1: "wrong", 5: "no error"}`. */
  readonly levels?: Readonly<Record<string, string>>;
}

/** A criterion as people write it: a sentence, or an object. */
export type CriterionInput = string | NamedCriterionInput;

const namedCriterionSchema: z.ZodType<NamedCriterionInput> = z.strictObject({
  name: words.max(200),
  description: words.exactOptional(),
  weight: z.number().gt(0).max(1_000_000).exactOptional(),
  levels: z.record(z.string(), words).exactOptional(),
});

const criteriaSchema: z.ZodType<readonly CriterionInput[]> = z
  .array(z.union([words, namedCriterionSchema]))
  .min(1)
  .max(50);

/** A rubric as a file holds it. */
export interface RubricInput {
  /** 1 to 5 when absent. */
  readonly scale?: { readonly min: number; readonly max: number };
  readonly criteria: readonly CriterionInput[];
}

const rubricInputSchema: z.ZodType<RubricInput> = z.strictObject({
  scale: z
    .strictObject({ min: grade, max: grade })
    .refine(({ min, max }) => min < max, { error: 'min must be below max' })
    .exactOptional(),
  criteria: criteriaSchema,
});

const DEFAULT_SCALE = { min: 1, max: 5 } as const;

/** A rubric of a file, checked and with its defaults filled in. */
export const judgeRubricSchema: z.ZodType<JudgeRubric> = rubricInputSchema.transform(
  (input, context) => {
    const scale = input.scale ?? DEFAULT_SCALE;
    const criteria = criteriaOf(input.criteria);
    for (const message of faultsOf({ scale, criteria })) {
      context.addIssue({ code: 'custom', message, path: ['criteria'] });
    }
    return { scale, criteria };
  },
);

/**
 * A rubric with the criteria of one item in place of its own; on the same scale.
 * @throws AssayError `judge.rubric-invalid`
 */
export function withCriteria(
  rubric: JudgeRubric,
  criteria: string | readonly CriterionInput[] | undefined,
): JudgeRubric {
  if (criteria === undefined) return rubric;
  const list = typeof criteria === 'string' ? [criteria] : criteria;
  return readRubric({ scale: rubric.scale, criteria: list });
}

/**
 * A rubric from what a file holds.
 * @throws AssayError `judge.rubric-invalid` that says where
 */
export function readRubric(value: unknown): JudgeRubric {
  const parsed = judgeRubricSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new AssayError('judge.rubric-invalid', {
    detail: issue?.message ?? 'it is no rubric',
    path: ['$', ...(issue?.path ?? [])].join('.'),
  });
}

function criteriaOf(inputs: readonly CriterionInput[]): readonly JudgeCriterion[] {
  return inputs.map((input) => {
    if (typeof input === 'string') return { name: input, description: input, weight: 1 };
    const { name, description = name, weight = 1, levels } = input;
    if (levels === undefined) return { name, description, weight };
    const entries = Object.entries(levels).map(([key, meaning]) => ({
      grade: Number(key),
      meaning,
    }));
    return { name, description, weight, levels: entries };
  });
}

function faultsOf({ scale, criteria }: JudgeRubric): string[] {
  const names = criteria.map(({ name }) => name);
  const twice = names.filter((name, at) => names.indexOf(name) !== at);
  const offScale = criteria.flatMap(({ name, levels = [] }) =>
    levels
      .filter((level) => !(level.grade >= scale.min && level.grade <= scale.max))
      .map((level) => `level ${level.grade} of "${name}" is off the scale`),
  );
  return [...twice.map((name) => `"${name}" is there twice`), ...offScale];
}

const common = {
  /** Comes back with the result. */
  id: z.union([z.string().min(1).max(200), z.number()]).transform(String),
  query: text,
  reference: text.nullable().exactOptional(),
  /** Used for this item in place of those of the rubric. */
  criteria: z.union([words, criteriaSchema]).exactOptional(),
  /** Items of one cluster are not independent of each other; the query when absent. */
  cluster: z.string().max(1_000).exactOptional(),
};

/** An answer to be judged, as a line of JSON. */
export interface JudgeItem {
  readonly id: string;
  readonly query: string;
  readonly response: string;
  readonly reference?: string | null;
  readonly criteria?: string | readonly CriterionInput[];
  readonly cluster?: string;
  /** What a person or a test says of the answer, 0..1, where it is known. */
  readonly label?: number | null;
}

/** Schema of a {@link JudgeItem}. A label may also be true or false. */
export const judgeItemSchema: z.ZodType<JudgeItem> = z.object({
  ...common,
  response: text,
  label: z
    .union([z.number().min(0).max(1), z.boolean().transform(Number)])
    .nullable()
    .exactOptional(),
});

/** Two answers to be compared, as a line of JSON. */
export interface JudgePairItem extends Omit<JudgeItem, 'response' | 'label'> {
  readonly response_a: string;
  readonly response_b: string;
  /** Which answer a person or a test prefers, where it is known. */
  readonly preferred?: 'a' | 'b' | 'tie' | null;
}

/** Schema of a {@link JudgePairItem}. */
export const judgePairItemSchema: z.ZodType<JudgePairItem> = z.object({
  ...common,
  response_a: text,
  response_b: text,
  preferred: z.enum(['a', 'b', 'tie']).nullable().exactOptional(),
});

/** An answer for scorers that did not come with Assay, as a line of JSON. */
export interface ScorerItem {
  readonly id: string;
  readonly query: string;
  /** Of any JSON type: some scorers compare numbers or lists. */
  readonly response: unknown;
  readonly reference?: unknown;
  /** Further arguments, by the names that the scorer knows them by. */
  readonly arguments?: Readonly<Record<string, unknown>>;
  readonly cluster?: string;
}

/** Schema of a {@link ScorerItem}. */
export const scorerItemSchema: z.ZodType<ScorerItem> = z.object({
  id: common.id,
  query: text,
  response: z.json(),
  reference: z.json().exactOptional(),
  arguments: z.record(z.string(), z.json()).exactOptional(),
  cluster: common.cluster,
});
