import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  buildScorecard,
  carryForward,
  renderScorecard,
  type ScorecardItem,
  type ScorecardMeta,
} from '@assay/loop';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type SpawnedServer, spawnServer } from '../../bench/spawn-server.ts';
import { openBrowser } from './browser.ts';

/** Folder for pictures of the pages; nothing is written when it is not set. */
const PICTURES = process.env['ASSAY_TEST_SCREENSHOTS'];

let work = '';
let server: SpawnedServer;
let browser: Browser;

async function sendFacts(facts: readonly object[]): Promise<void> {
  const response = await fetch(`${server.url}/v1/records`, {
    method: 'POST',
    headers: { authorization: `Bearer ${server.adminKey}`, 'content-type': 'application/json' },
    body: JSON.stringify(facts),
  });
  expect(response.status).toBe(200);
}

const runOf = (number: number): object[] => {
  const timestamp = Date.now() - number * 1000;
  const agentId = number % 2 === 0 ? 'atlas' : 'birch';
  const taskId = `ticket-${number}`;
  return [
    {
      kind: 'decision',
      taskId,
      timestamp,
      taskType: 'triage',
      taskKind: 'invoice',
      selectedAgentId: agentId,
      routingStrategy: 'multi-armed-bandit',
      propensity: 0.5,
      primaryReason: 'Best success rate for invoices',
      candidateAgents: [
        { agentId: 'atlas', probability: 0.5, meanScore: 0.8, n: 10 },
        { agentId: 'birch', probability: 0.5, meanScore: 0.7, n: 10 },
      ],
    },
    {
      kind: 'execution',
      taskId,
      timestamp: timestamp + 5,
      agentId,
      taskType: 'triage',
      taskKind: 'invoice',
      success: number % 5 !== 0,
      latencyMs: 120 + number,
      tokensUsed: 800,
      costUsd: 0.002,
    },
    {
      kind: 'evaluation',
      taskId,
      timestamp: timestamp + 9,
      agentId,
      taskType: 'triage',
      taskKind: 'invoice',
      overallScore: number % 5 === 0 ? 0 : 0.9,
      evaluator: 'test',
    },
  ];
};

/** A response of an agent that thinks every second time, over twelve days. */
const responseOf = (number: number): object => ({
  kind: 'execution',
  taskId: `answer-${number}`,
  timestamp: Date.now() - (number % 12) * 86_400_000 - number,
  agentId: 'cedar',
  taskType: 'explain',
  success: true,
  prompt: 'How does a heat pump warm a house in winter?',
  response: `A heat pump takes heat from the cold air outside and gives it off inside. ${'It needs little power for that. '.repeat(number % 5)}`,
  ...(number % 2 === 0 ? {} : { reasoning: 'The air outside holds heat; the pump raises it.' }),
});

const PUBLISHED = [
  ['mail/triage', '1.0.0', 75],
  ['mail/triage', '1.1.0', 88],
  ['sorter', '0.9.0', 60],
  ['sorter', '0.10.0', 64],
] as const;

const HOSTILE = '<img src=x onerror="document.title=1"> **mail** of one week';

/** A card of 100 items in two categories, of which the first `right` are right. */
function cardOf(agentId: string, agentVersion: string, right: number) {
  const items: ScorecardItem[] = Array.from({ length: 100 }, (_, at) => {
    const [expected, other] = at % 2 === 0 ? ['billing', 'support'] : ['support', 'billing'];
    const isRight = at < right;
    const predicted = isRight ? expected : other;
    return { id: `i${at}`, category: expected, expected, predicted, score: isRight ? 1 : 0 };
  });
  const meta: ScorecardMeta = {
    agentId,
    agentVersion,
    generatedAt: '2026-01-02T09:30:00Z',
    dataset: { reference: 'mail-week-1', description: HOSTILE, size: 120 },
    methodology: 'predicted label against the label that people gave',
    config: { model: 'small', temperature: 0 },
    environment: { node: '22' },
    reproduction: ['npm ci', 'npm run evaluate'],
  };
  const hash = (text: string): string => createHash('sha256').update(text).digest('hex');
  return { items, card: buildScorecard(items, meta, hash) };
}

async function publish(agentId: string, version: string, right: number) {
  const made = cardOf(agentId, version, right);
  await sendCard(made);
  return made;
}

async function sendCard(body: Readonly<Record<string, unknown>>): Promise<void> {
  const answer = await fetch(`${server.url}/v1/hub/agents`, {
    method: 'POST',
    headers: { authorization: `Bearer ${server.adminKey}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  expect(answer.status).toBeLessThan(300);
}

async function openPage(path: string): Promise<Page> {
  const page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
  await page.goto(`${server.url}${path}#key=${server.adminKey}`);
  return page;
}

async function picture(page: Page, name: string): Promise<void> {
  if (!PICTURES) return;
  mkdirSync(PICTURES, { recursive: true });
  await page.screenshot({ path: join(PICTURES, `${name}.png`), fullPage: true });
}

beforeAll(async () => {
  if (!existsSync('packages/server/public/index.html'))
    throw new Error('build first: npm run build');
  work = await mkdtemp(join(tmpdir(), 'assay-e2e-'));
  server = await spawnServer({ ASSAY_DATA_DIR: work });
  browser = await openBrowser();
  await sendFacts(Array.from({ length: 30 }, (_, index) => runOf(index + 1)).flat());
}, 120_000);

afterAll(async () => {
  await browser?.close();
  await server?.stop();
  await rm(work, { recursive: true, force: true });
});

describe('dashboard in a real browser', () => {
  test('overview shows live numbers and follows new facts', async () => {
    const page = await openPage('/');
    await page.getByRole('heading', { name: 'Overview' }).waitFor();
    await page.getByText('Runs, last 24 h').waitFor();
    expect(page.url()).not.toContain('assay_');
    const runs = page.locator('.card', { hasText: 'Runs, last 24 h' }).locator('.value');
    await expect.poll(() => runs.textContent(), { timeout: 10_000 }).toBe('30');
    await page.locator('[data-state="open"]').waitFor();
    await sendFacts(runOf(31));
    await expect.poll(() => runs.textContent(), { timeout: 10_000 }).toBe('31');
    await picture(page, 'overview');
    await page.emulateMedia({ colorScheme: 'dark' });
    await picture(page, 'overview-dark');
    await page.close();
  });

  test('a run is found by filter and shows its decision and evaluation', async () => {
    const page = await openPage('/runs');
    await page.getByRole('link', { name: 'ticket-2', exact: true }).waitFor();
    await page.getByLabel('Agent').fill('birch');
    await page.getByRole('button', { name: 'Show' }).click();
    await expect
      .poll(() => page.getByRole('link', { name: 'ticket-2', exact: true }).count())
      .toBe(0);
    await picture(page, 'runs');
    await page.getByRole('link', { name: 'ticket-3', exact: true }).click();
    await page.getByText('Best success rate for invoices').first().waitFor();
    await page.getByText('score 0.9').waitFor();
    await page.getByText('chosen').waitFor();
    await picture(page, 'run');
    await page.close();
  });

  test('scores say how they spread, whether they are biased, and that they are a heuristic', async () => {
    const ask = async (method: string, path: string, body: object): Promise<void> => {
      const answer = await fetch(`${server.url}${path}`, {
        method,
        headers: { authorization: `Bearer ${server.adminKey}`, 'content-type': 'application/json' },
        body: JSON.stringify(body),
      });
      expect(answer.status).toBeLessThan(300);
    };
    await ask('PUT', '/v1/score/settings', { isBackground: true });
    const page = await openPage('/scores');
    await page.getByText('No scores yet. Start the server').waitFor();
    await picture(page, 'scores-empty');
    await sendFacts(Array.from({ length: 40 }, (_, index) => responseOf(index)));
    const cedar = page.locator('tr', { hasText: 'cedar' });
    await expect.poll(() => cedar.count(), { timeout: 30_000 }).toBe(2);
    await expect.poll(() => cedar.first().textContent(), { timeout: 30_000 }).toMatch(/direct20/);
    expect(await cedar.nth(1).textContent()).toMatch(/reasoning20/);
    await page.getByText('Uncalibrated heuristic.').waitFor();
    await page.getByText('cannot be told').waitFor();
    const labels = Array.from({ length: 60 }, (_, i) => ({
      id: `l${i}`,
      score: i / 60,
      label: i % 2,
    }));
    await ask('POST', '/v1/score/labels', { labels });
    await ask('POST', '/v1/score/calibrations', {});
    await page.getByText('needs 140 more labels').waitFor({ timeout: 20_000 });
    await picture(page, 'scores');
    await page.emulateMedia({ colorScheme: 'dark' });
    await picture(page, 'scores-dark');
    await page.close();
  });

  test('scorecards lead from the catalogue to the card, which shows foreign texts as texts', async () => {
    const page = await openPage('/scorecards');
    await page.getByText('assay scorecard publish scorecard.json').waitFor();
    await picture(page, 'scorecards-empty');
    for (const [agentId, version, right] of PUBLISHED) await publish(agentId, version, right);
    const carried = carryForward(cardOf('sorter', '0.10.0', 64).card, {
      version: '0.10.1',
      declaredDigest: null,
      acceptUndeclared: true,
    });
    if (carried.kind === 'refused') throw new Error(carried.reason);
    await sendCard({ card: carried.card, attestation: { payload: 'e30=' } });
    await page.reload();
    const triage = page.locator('tr', { hasText: 'mail/triage' });
    await expect.poll(() => triage.textContent()).toMatch(/1\.1\.0.*88\.00.*accuracy 88\.0 %/);
    expect(await triage.textContent()).toMatch(/80\.2–93\.0 %.*100 of 120.*2026-01-02/);
    const sorter = await page.locator('tr', { hasText: 'sorter' }).textContent();
    expect(sorter).toMatch(/0\.10\.1.*3inherited from 0\.10\.0attested/);
    await picture(page, 'scorecards');
    await page.getByRole('link', { name: 'mail/triage', exact: true }).focus();
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'mail/triage' }).waitFor();
    const versions = page.locator('tbody tr td:first-child');
    await expect.poll(() => versions.allTextContents()).toEqual(['1.1.0', '1.0.0']);
    await page.getByRole('img', { name: 'accuracy of 2 versions' }).waitFor();
    await picture(page, 'scorecards-agent');
    await page.getByRole('link', { name: 'Card of mail/triage 1.1.0' }).press('Enter');
    await page.getByRole('heading', { name: 'Confusion' }).waitFor();
    // The address of a card ends like a file; it is a page all the same.
    await page.reload();
    await page.getByText(HOSTILE).waitFor();
    expect(await page.locator('main img').count()).toBe(0);
    expect((await fetch(`${server.url}/missing.js`)).status).toBe(404);
    expect(await page.locator('.matrix tbody tr').first().textContent()).toBe('billing446');
    const { card } = await publish('mail/triage', '1.1.0', 88);
    await page.getByText(card.digests.items ?? 'no digest').waitFor();
    await page.getByText('npm run evaluate').waitFor();
    const saving = page.waitForEvent('download');
    await page.getByRole('button', { name: 'Save SCORECARD.md' }).press('Enter');
    const saved = await saving;
    expect(saved.suggestedFilename()).toBe('SCORECARD.md');
    expect(readFileSync(await saved.path(), 'utf8')).toBe(renderScorecard(card));
    await picture(page, 'scorecard');
    await page.emulateMedia({ colorScheme: 'dark' });
    await picture(page, 'scorecard-dark');
    await page.goto(`${server.url}/scorecards/sorter`);
    await page.getByText('Fainter: not measured').waitFor();
    await picture(page, 'scorecards-agent-dark');
    await page.close();
  });

  test('works by keyboard alone and without errors in the console', async () => {
    const page = await browser.newPage();
    const errors: string[] = [];
    page.on('pageerror', (error) => errors.push(error.message));
    page.on('console', (message) => message.type() === 'error' && errors.push(message.text()));
    await page.goto(`${server.url}/#key=${server.adminKey}`);
    await page.getByRole('heading', { name: 'Overview' }).waitFor();
    for (let tab = 0; tab < 4; tab++) await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { name: 'Runs', exact: true }).waitFor();
    expect(errors).toEqual([]);
    await page.close();
  });

  test('asks for a key when there is none, and says so when it is wrong', async () => {
    const page = await browser.newPage();
    await page.goto(server.url);
    await page.getByLabel('API key').fill('assay_wrong_key');
    await page.getByRole('button', { name: 'Open the dashboard' }).click();
    await page.getByRole('alert').first().waitFor();
    await page.close();
  });
});
