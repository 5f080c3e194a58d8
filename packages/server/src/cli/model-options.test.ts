import { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import { addScoreJudgeCommand } from './score-judge.ts';

describe('usage of the command', () => {
  const parse = (args: readonly string[]) => {
    const program = new Command().exitOverride().configureOutput({ writeErr: () => {} });
    addScoreJudgeCommand(program);
    for (const command of program.commands)
      command.exitOverride().configureOutput({ writeErr: () => {} });
    return program.parseAsync(['judge', ...args], { from: 'user' });
  };

  it.each([
    ['--concurrency', '0'],
    ['--concurrency', 'many'],
    ['--temperature', 'hot'],
    ['--temperature', '3'],
    ['--max-tokens', '1.5'],
    ['--timeout', '-1'],
    ['--input-price', ''],
    ['--max-tokens-field', 'tokens'],
  ])('%s %j makes no sense', async (name, value) => {
    await expect(parse([name, value])).rejects.toMatchObject({ code: 'commander.invalidArgument' });
  });
});
