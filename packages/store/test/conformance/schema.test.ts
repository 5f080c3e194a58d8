import { readFileSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Database } from '../../src/database.ts';
import { BACKENDS } from './backends.ts';
import { describeSchema } from './describe-schema.ts';

const SNAPSHOT = new URL('../../schema.sql', import.meta.url);

describe.each(BACKENDS.filter(({ name }) => name !== 'citus'))('schema on $name', (backend) => {
  let db: Database;
  let close: () => Promise<void>;

  beforeAll(async () => {
    ({ db, close } = await backend.open());
  });
  afterAll(() => close?.());

  it('is what schema.sql says', async () => {
    const described = await describeSchema(db);
    if (process.env['ASSAY_WRITE_SCHEMA'] === '1' && backend.name === 'pglite') {
      writeFileSync(SNAPSHOT, described);
    }
    expect(described).toBe(readFileSync(SNAPSHOT, 'utf8'));
  });
});
