import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import {
  agentForExam,
  EXAMINED_AGENTS,
  examine,
} from '../examples/email-triage/src/exam/examine.ts';
import { hashFile, readFileText } from '../packages/server/src/adapters/files/file-text.ts';
import { openGitRef } from '../packages/server/src/adapters/git/git-ref.ts';
import { runGateCommand } from '../packages/server/src/cli/gate.ts';
import { runScorecardCommand, SCORECARD_IO } from '../packages/server/src/cli/scorecard-io.ts';
import { makeScorecard } from '../packages/server/src/cli/scorecard-new.ts';

const CARDS = 'examples/email-triage/scorecards';
const folder = mkdtempSync(join(tmpdir(), 'assay-exam-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Examines an agent as it is now and gates it against its committed card. */
async function gateAgent(
  name: string,
  triage: Parameters<typeof examine>[0]['triage'],
): Promise<{ code: number; said: string }> {
  let said = '';
  const say = (text: string): void => {
    said += text;
  };
  const items = join(folder, `${name}.jsonl`);
  writeFileSync(
    items,
    examine({ triage })
      .map((item) => `${JSON.stringify(item)}\n`)
      .join(''),
  );
  const meta = join(CARDS, 'evaluation.yaml');
  const out = join(folder, name);
  const made = await runScorecardCommand({ ...SCORECARD_IO, out: () => {}, err: say }, (io) =>
    makeScorecard({ items, agent: name, version: '1.0.1', meta, out }, io),
  );
  expect([made, said]).toEqual([0, '']);
  const code = await runGateCommand(
    {
      scorecard: join(out, 'SCORECARD.md'),
      baselineFile: join(CARDS, name, 'SCORECARD.md'),
      policy: join(CARDS, 'gate.yaml'),
    },
    {
      readFile: readFileText,
      hashFile,
      openRef: openGitRef,
      writeFile: async () => {},
      out: say,
      err: say,
    },
  );
  return { code, said };
}

describe('the agents of the example', () => {
  test.each(EXAMINED_AGENTS)('%s passes the gate against its committed card', async (name) => {
    const { code, said } = await gateAgent(name, agentForExam(name).triage);
    expect([code, said]).toEqual([0, expect.stringContaining('PASSED')]);
  });

  test('an agent that got worse is stopped', async () => {
    const { triage } = agentForExam('bayes');
    const { code, said } = await gateAgent('bayes', (mail) =>
      mail.subject.length % 3 === 0 ? 'keep' : triage(mail),
    );
    expect([code, said]).toEqual([1, expect.stringContaining('newly failing')]);
  });

  test('a committed card holds no mail', () => {
    for (const name of EXAMINED_AGENTS) {
      const lines = readFileSync(join(CARDS, name, 'scorecard.items.jsonl'), 'utf8').trim();
      for (const line of lines.split('\n')) {
        const { id, expected, predicted, ...rest } = JSON.parse(line);
        expect(id).toMatch(/^exam-\d{3}$/);
        expect([expected, predicted].every((label) => /^(spam|keep)$/.test(label))).toBe(true);
        expect(Object.keys(rest).sort()).toEqual(['category', 'score']);
      }
    }
  });
});
