import { useMutation } from '@tanstack/react-query';
import type { JSX } from 'react';
import { assay } from '../../assay.ts';

function save(text: string, name: string): void {
  const url = URL.createObjectURL(new Blob([text], { type: 'text/markdown' }));
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  URL.revokeObjectURL(url);
}

/** Saves a card as SCORECARD.md. A plain link would go out without the key of this tab. */
export function SaveMarkdown({
  agentId,
  version,
}: {
  readonly agentId: string;
  readonly version: string;
}): JSX.Element {
  const saving = useMutation({
    mutationFn: () => assay().api.hubScorecardMarkdown(agentId, version),
    onSuccess: (text) => save(text, 'SCORECARD.md'),
  });
  return (
    <>
      <button type="button" disabled={saving.isPending} onClick={() => saving.mutate()}>
        Save SCORECARD.md
      </button>
      {saving.isError ? (
        <span className="bad" role="alert">
          {' '}
          {saving.error.message}
        </span>
      ) : null}
    </>
  );
}
