import { useQuery } from '@tanstack/react-query';
import type { JSX } from 'react';
import { assay } from '../../assay.ts';
import { ScoreLine } from '../../charts/score-line.tsx';
import { Loaded } from '../../ui/state.tsx';
import { describeGap, pointsOf, type Trend } from './prepare.ts';

const WORDS: Readonly<Record<Trend['trend'], { readonly text: string; readonly tone: string }>> = {
  improving: { text: 'improving', tone: 'good' },
  stable: { text: 'stable', tone: 'muted' },
  degrading: { text: 'degrading', tone: 'bad' },
  'not-enough-data': { text: 'not enough days to tell', tone: 'muted' },
};

/** How daily mean scores go, per model type. */
export function TrendPanel(): JSX.Element {
  const query = useQuery({
    queryKey: ['score-trends'],
    refetchInterval: 30_000,
    queryFn: () => assay().api.scoreTrends<{ items: readonly Trend[] }>(),
  });
  return (
    <section className="panel">
      <h2>Daily means, last 30 days</h2>
      <Loaded query={query}>
        {({ items }) =>
          items.length === 0 ? (
            <p className="muted">No scores yet.</p>
          ) : (
            items.map((item) => (
              <div key={item.modelType}>
                <p>
                  {item.modelType}{' '}
                  <span className={`pill ${WORDS[item.trend].tone}`}>{WORDS[item.trend].text}</span>{' '}
                  <span className="muted">
                    {item.change === null ? '' : `change ${describeGap(item.change)} days`}
                  </span>
                </p>
                <ScoreLine
                  points={pointsOf(item)}
                  caption={`Mean score per day of ${item.modelType} answers, with 95 % intervals`}
                />
              </div>
            ))
          )
        }
      </Loaded>
    </section>
  );
}
