/** One thing that a judge grades. */
export interface JudgeCriterion {
  /** Short name, unique within its rubric. */
  readonly name: string;
  /** What a good answer does, in words that two people would read the same way. */
  readonly description: string;
  /** Share in the score, above 0; the weights of a rubric need not sum to anything. */
  readonly weight: number;
  /** What a grade means, by grade; the more grades have a meaning, the steadier the judge. */
  readonly levels?: readonly { readonly grade: number; readonly meaning: string }[];
}

/** What a judge is to look at, and on which scale. Grades are mapped to 0..1 for the score. */
export interface JudgeRubric {
  readonly criteria: readonly JudgeCriterion[];
  readonly scale: { readonly min: number; readonly max: number };
}

/** The rubric of a judge that was given none: answers to everyday requests. */
export const DEFAULT_RUBRIC: JudgeRubric = {
  scale: { min: 1, max: 5 },
  criteria: [
    {
      name: 'correct',
      description: 'What the answer states is true and its steps are valid.',
      weight: 4,
      levels: [
        { grade: 1, meaning: 'wrong where it matters' },
        { grade: 3, meaning: 'right in the main, with an error that a reader could be misled by' },
        { grade: 5, meaning: 'no error' },
      ],
    },
    {
      name: 'complete',
      description: 'Every part of the request is answered.',
      weight: 3,
      levels: [
        { grade: 1, meaning: 'the main part is missing' },
        { grade: 3, meaning: 'the main part is there, another part is missing' },
        { grade: 5, meaning: 'nothing is missing' },
      ],
    },
    {
      name: 'follows the request',
      description: 'Form, length, language and limits are those that the request asks for.',
      weight: 2,
      levels: [
        { grade: 1, meaning: 'ignores them' },
        { grade: 3, meaning: 'misses one of them' },
        { grade: 5, meaning: 'keeps all of them, or there are none' },
      ],
    },
    {
      name: 'clear',
      description: 'A reader finds what they asked for without reading twice.',
      weight: 1,
    },
  ],
};

/** Name that stands for a criterion in a verdict: `c1` for the first. */
export function criterionKey(index: number): string {
  return `c${index + 1}`;
}
