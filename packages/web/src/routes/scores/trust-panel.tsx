import { useQuery } from '@tanstack/react-query';
import type { JSX } from 'react';
import { assay } from '../../assay.ts';
import { formatCount, formatInterval, formatShare } from '../../ui/format.ts';
import { Loaded } from '../../ui/state.tsx';
import { type Calibration, latestCalibrations } from './prepare.ts';

function StateOf({ item }: { readonly item: Calibration }): JSX.Element {
  const { calibration, isActive } = item;
  if (calibration.kind === 'uncalibrated') {
    const missing = Math.max(0, calibration.needed - calibration.n);
    return (
      <>
        <span className="pill warn">uncalibrated</span>{' '}
        {missing > 0 ? `needs ${formatCount(missing)} more labels` : 'labels cannot be compared'}
      </>
    );
  }
  const { pairAccuracy, pairs, ci } = calibration.heldOut;
  return (
    <>
      <span className={`pill ${isActive ? 'good' : 'muted'}`}>
        {isActive ? 'calibrated' : 'fitted, not in use'}
      </span>{' '}
      ranks unseen pairs right {formatShare(pairAccuracy)} of the time,{' '}
      {formatInterval(ci.low, ci.high)} · {formatCount(pairs)} pairs · {formatCount(calibration.n)}{' '}
      labels
    </>
  );
}

/** How far the scores can be trusted. */
export function TrustPanel(): JSX.Element {
  const query = useQuery({
    queryKey: ['score-calibrations'],
    refetchInterval: 10_000,
    queryFn: () => assay().api.scoreCalibrations<{ items: readonly Calibration[] }>(),
  });
  return (
    <Loaded query={query}>
      {({ items }) => {
        const types = latestCalibrations(items);
        return (
          <>
            {types.some((item) => item.isActive) ? null : (
              <div className="notice">
                <strong>Uncalibrated heuristic.</strong> These scores come from the text alone. They
                do not judge whether an answer is right, and agree with people only a little more
                often than a coin. Labels of your own turn them into probabilities.
              </div>
            )}
            {types.length === 0 ? null : (
              <section className="panel">
                <h2>Calibration</h2>
                <dl className="facts">
                  {types.map((item) => (
                    <div key={item.taskType} style={{ display: 'contents' }}>
                      <dt>{item.taskType === '' ? 'without a task type' : item.taskType}</dt>
                      <dd>
                        <StateOf item={item} />
                      </dd>
                    </div>
                  ))}
                </dl>
              </section>
            )}
          </>
        );
      }}
    </Loaded>
  );
}
