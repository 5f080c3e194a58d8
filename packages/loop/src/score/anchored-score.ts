/** Whether an answer came with visible reasoning. */
export type ModelType = 'direct' | 'reasoning';

/** A score beside the truth about the same answer, where the truth is known. */
export interface AnchoredScore {
  readonly id: string;
  /** The prompt: answers to one prompt depend on each other. */
  readonly group: string;
  readonly modelType: ModelType;
  readonly model?: string;
  /** Raw score, 0..1. Never a corrected one. */
  readonly score: number;
  /** 0..1 from executed tests or people; null = unknown. */
  readonly truth: number | null;
}

/** An anchored score whose truth is known. */
export type ScoreWithTruth = AnchoredScore & { readonly truth: number };

/** 1 for reasoning, 0 for direct: the regressor of the type. */
export function isReasoning(item: AnchoredScore): number {
  return Number(item.modelType === 'reasoning');
}
