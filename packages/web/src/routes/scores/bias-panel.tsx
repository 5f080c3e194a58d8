import { useQuery } from '@tanstack/react-query';
import type { JSX } from 'react';
import { assay } from '../../assay.ts';
import { formatCount } from '../../ui/format.ts';
import { Loaded } from '../../ui/state.tsx';
import { type Bias, describeGap, formatGap } from './prepare.ts';

const WORDS: Readonly<Record<Bias['verdict'], { readonly text: string; readonly tone: string }>> = {
  correct: { text: 'bias shown', tone: 'bad' },
  'no-correction': { text: 'no bias worth correcting', tone: 'good' },
  'not-enough-evidence': { text: 'not enough evidence', tone: 'warn' },
  'no-anchors': { text: 'cannot be told', tone: 'muted' },
};

function correctionOf({ correction, isBiasCorrected }: Bias): string {
  if (correction === null) return 'none';
  const shift = `version ${correction.version}, ${formatGap(correction.reasoningShift)} on reasoning answers`;
  return isBiasCorrected ? shift : `${shift}; switched off`;
}

/** Whether reasoning answers are scored differently from equally good direct ones. */
export function BiasPanel(): JSX.Element {
  const query = useQuery({
    queryKey: ['score-bias'],
    refetchInterval: 30_000,
    queryFn: () => assay().api.scoreBias<Bias>(),
  });
  return (
    <section className="panel">
      <h2>Bias by model type</h2>
      <Loaded query={query}>
        {(bias) => (
          <>
            <p>
              <span className={`pill ${WORDS[bias.verdict].tone}`}>{WORDS[bias.verdict].text}</span>{' '}
              {bias.reason}
            </p>
            <dl className="facts">
              <dt>Reasoning − direct, equally good answers</dt>
              <dd>{describeGap(bias.effect)}</dd>
              <dt>Reasoning − direct, raw</dt>
              <dd>{describeGap(bias.rawGap)}</dd>
              <dt>Answers with a known truth</dt>
              <dd>
                {formatCount(bias.anchored.direct)} of {formatCount(bias.items.direct)} direct,{' '}
                {formatCount(bias.anchored.reasoning)} of {formatCount(bias.items.reasoning)}{' '}
                reasoning, {formatCount(bias.prompts)} prompts
              </dd>
              <dt>Correction in force</dt>
              <dd>{correctionOf(bias)}</dd>
            </dl>
          </>
        )}
      </Loaded>
    </section>
  );
}
