import type { Argument, Command, Option } from 'commander';

/** A value that a command takes by its place. */
export interface CommandArgument {
  /** As the usage writes it, such as `<files...>` or `[shell]`. */
  readonly usage: string;
  readonly meaning: string;
  /** The only values that it may have; empty when any will do. */
  readonly choices: readonly string[];
}

/** A value that a command takes by name. */
export interface CommandOption {
  /** As the help writes it, such as `-p, --port <number>`. */
  readonly flags: string;
  /** The names with their dashes. */
  readonly names: readonly string[];
  readonly takesValue: boolean;
  readonly meaning: string;
  readonly choices: readonly string[];
  /** What it is when it is not given; empty when nothing. */
  readonly fallback: string;
}

/** A command as its documentation and the completion of shells need it. */
export interface CommandNode {
  /** Words that call it, without the name of the program; empty for the program itself. */
  readonly path: readonly string[];
  readonly usage: string;
  readonly meaning: string;
  readonly arguments: readonly CommandArgument[];
  readonly options: readonly CommandOption[];
  readonly commands: readonly CommandNode[];
}

function argumentOf(argument: Argument): CommandArgument {
  const name = `${argument.name()}${argument.variadic ? '...' : ''}`;
  return {
    usage: argument.required ? `<${name}>` : `[${name}]`,
    meaning: argument.description,
    choices: argument.argChoices ?? [],
  };
}

function optionOf(option: Option): CommandOption {
  const { defaultValue } = option;
  const isSilent = defaultValue === undefined || defaultValue === false;
  return {
    flags: option.flags,
    names: [option.short, option.long].filter((name) => name !== undefined),
    takesValue: option.required || option.optional,
    meaning: option.description,
    choices: option.argChoices ?? [],
    fallback: isSilent ? '' : (option.defaultValueDescription ?? String(defaultValue)),
  };
}

function nodeOf(command: Command, program: string, path: readonly string[]): CommandNode {
  return {
    path,
    usage: [program, ...path, command.usage()].join(' '),
    meaning: command.description(),
    arguments: command.registeredArguments.map(argumentOf),
    options: command.options.filter((option) => !option.hidden).map(optionOf),
    commands: command.commands.map((child) => nodeOf(child, program, [...path, child.name()])),
  };
}

/** A program and all below it, in the order in which it was added; hidden options are left out. */
export function commandTreeOf(program: Command): CommandNode {
  return nodeOf(program, program.name(), []);
}

/** The command and all below it, each before what is below it. */
export function flattenCommands(node: CommandNode): CommandNode[] {
  return [node, ...node.commands.flatMap(flattenCommands)];
}
