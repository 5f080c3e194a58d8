import type { JSX } from 'react';

/** What sets a version apart: results that were carried over, a signed statement beside the card. */
export function Marks({
  inheritedFrom,
  isAttested,
}: {
  readonly inheritedFrom: string | null;
  readonly isAttested: boolean;
}): JSX.Element {
  return (
    <span className="marks">
      {inheritedFrom === null ? null : (
        <span>
          <span className="pill warn">inherited</span>{' '}
          <span className="muted">from {inheritedFrom}</span>
        </span>
      )}
      {isAttested ? <span className="pill muted">attested</span> : null}
    </span>
  );
}
