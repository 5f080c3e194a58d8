import type { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import { createProgram } from './program.ts';

const namesOf = (program: Command): readonly string[] =>
  program.commands.map((command) => command.name());

describe('the assay command', () => {
  it('loads one command when the words name it, and all for everything else', async () => {
    const all = namesOf(await createProgram());
    expect(all).toContain('gate');
    for (const name of all) {
      const loaded = namesOf(await createProgram([name, '--help']));
      expect(loaded).toEqual(name === 'completion' ? all : [name]);
    }
    for (const word of ['', '--help', 'help', 'gaet', '__proto__', 'toString']) {
      expect(namesOf(await createProgram([word]))).toEqual(all);
    }
  });
});
