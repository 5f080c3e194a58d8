import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Argument, Command, Option } from 'commander';
import { afterAll, describe, expect, it } from 'vitest';
import { commandTreeOf } from './command-tree.ts';
import { completionScriptOf, type Shell } from './completion-script.ts';

function farm(): Command {
  const program = new Command('farm').version('1');
  const barn = program.command('barn').description("what's in the barn: all of it");
  barn
    .command('add')
    .description('bring in an animal')
    .addArgument(new Argument('<animal>', 'which').choices(['cow', 'hen']))
    .addArgument(new Argument('[papers...]', 'files'))
    .addOption(new Option('-c, --colour <name>', 'its colour').choices(['brown', 'white']))
    .option('--name <text>', 'its name')
    .option('--dry', 'only say so');
  program.command('sell <file>').description('sell what a file names');
  return program;
}

const folder = mkdtempSync(join(tmpdir(), 'assay-completion-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function scriptFile(shell: Shell): string {
  const file = join(folder, `farm.${shell}`);
  writeFileSync(file, completionScriptOf(shell, commandTreeOf(farm())));
  return file;
}

const isInstalled = (shell: Shell): boolean =>
  spawnSync(shell, ['--version'], { stdio: 'ignore' }).status === 0;

/** Words before the place of the cursor, and what is offered there; nothing stands for files. */
const CASES: readonly (readonly [string[], string[]])[] = [
  [[''], ['barn', 'sell']],
  [['b'], ['barn']],
  [['--'], ['--help', '--version']],
  [['barn', ''], ['add']],
  [
    ['barn', 'add', ''],
    ['cow', 'hen'],
  ],
  [['barn', 'add', 'h'], ['hen']],
  [['barn', 'add', '--c'], ['--colour']],
  [
    ['barn', 'add', '--colour', ''],
    ['brown', 'white'],
  ],
  [['barn', 'add', '-c', 'w'], ['white']],
  [
    ['barn', 'add', '--name', 'Bella', ''],
    ['cow', 'hen'],
  ],
  [['barn', 'add', '--name', 'barn', '--dry', 'c'], ['cow']],
  [['barn', 'add', '--name', ''], []],
  [['barn', 'add', 'cow', ''], []],
  [['sell', ''], []],
];

function offersOfBash(file: string, words: readonly string[]): string[] {
  const program = `source "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _farm; printf "%s\\n" "\${COMPREPLY[@]}"`;
  const out = execFileSync('bash', ['--norc', '-c', program, 'bash', file, 'farm', ...words]);
  return out.toString().split('\n').filter(Boolean).toSorted();
}

function offersOfFish(file: string, words: readonly string[]): string[] {
  const program = `source ${file}; function __fish_complete_path; end; complete -C'farm ${words.join(' ')}'`;
  const out = execFileSync('fish', ['--no-config', '-c', program]).toString();
  const offers = out.split('\n').map((line) => line.split('\t')[0] ?? '');
  return offers.filter(Boolean).toSorted();
}

/** Runs the function with the offers of the completion system replaced by ones that print. */
function offersOfZsh(file: string, words: readonly string[]): string[] {
  const program = `compdef() { :; }; _files() { :; }; _describe() { print -l -- "\${(@P)2}"; }; source "$1"; shift; words=("$@"); CURRENT=$#; _farm`;
  const out = execFileSync('zsh', ['-f', '-c', program, 'zsh', file, 'farm', ...words]).toString();
  const offers = out.split('\n').map((line) => line.split(':')[0] ?? '');
  return offers.filter((word) => word !== '' && word.startsWith(words.at(-1) ?? '')).toSorted();
}

const OFFERS = { bash: offersOfBash, zsh: offersOfZsh, fish: offersOfFish } as const;

describe.each(['bash', 'zsh', 'fish'] as const)('completion in %s', (shell) => {
  it.skipIf(!isInstalled(shell))(`offers what may follow, in a real ${shell}`, () => {
    const file = scriptFile(shell);
    const offered = CASES.map(([words]) => [words, OFFERS[shell](file, words)]);
    expect(offered).toEqual(CASES.map(([words, offers]) => [words, offers]));
  });

  it('quotes what a description holds', () => {
    const script = completionScriptOf(shell, commandTreeOf(farm()));
    if (shell === 'bash') expect(script).not.toContain("what's");
    if (shell === 'zsh') expect(script).toContain("'barn:what'\\''s in the barn: all of it'");
    if (shell === 'fish') expect(script).toContain("'what\\'s in the barn: all of it'");
  });
});

describe('the tree of commands', () => {
  it('tells what a command takes', () => {
    const add = commandTreeOf(farm()).commands[0]?.commands[0];
    expect(add).toMatchObject({
      path: ['barn', 'add'],
      usage: 'farm barn add [options] <animal> [papers...]',
      arguments: [
        { usage: '<animal>', choices: ['cow', 'hen'] },
        { usage: '[papers...]', choices: [] },
      ],
    });
    expect(add?.options.map(({ names, takesValue }) => [names, takesValue])).toEqual([
      [['-c', '--colour'], true],
      [['--name'], true],
      [['--dry'], false],
    ]);
  });
});
