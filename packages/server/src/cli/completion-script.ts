import type { CommandNode, CommandOption } from './command-tree.ts';
import { flattenCommands } from './command-tree.ts';

/** A word that a shell may offer. */
interface Offer {
  readonly word: string;
  readonly meaning: string;
}

/**
 * What may stand at a place. A question is the path of a command and, after a space, `-` for its
 * options, a number for the argument after so many others, or an option whose value is to come.
 */
interface Answers {
  readonly program: string;
  /** Paths of all commands below the program, as ' start' and 'key create'. */
  readonly places: readonly string[];
  /** Questions for the values of options. */
  readonly values: readonly string[];
  readonly offers: ReadonlyMap<string, readonly Offer[]>;
}

const HELP: Offer = { word: '--help', meaning: 'display help for command' };

const plain = (words: readonly string[]): Offer[] => words.map((word) => ({ word, meaning: '' }));

function placeOf(node: CommandNode): string {
  return node.path.join(' ');
}

function optionOffers(options: readonly CommandOption[]): Offer[] {
  return [...options.map(({ names, meaning }) => ({ word: names.at(-1) ?? '', meaning })), HELP];
}

function offersOf(node: CommandNode): [string, readonly Offer[]][] {
  const place = placeOf(node);
  const names = node.commands.map(({ path, meaning }) => ({ word: path.at(-1) ?? '', meaning }));
  return [
    [`${place} -`, optionOffers(node.options)],
    [`${place} 0`, names],
    ...node.arguments.map(({ choices }, index): [string, readonly Offer[]] => [
      `${place} ${index}`,
      plain(choices),
    ]),
    ...node.options.flatMap((option) =>
      option.names.map((name): [string, readonly Offer[]] => [
        `${place} ${name}`,
        plain(option.choices),
      ]),
    ),
  ];
}

function answersOf(root: CommandNode): Answers {
  const nodes = flattenCommands(root);
  const below = nodes.filter((node) => node.path.length > 0);
  return {
    program: root.usage.split(' ')[0] ?? '',
    places: below.map((node) => (node.path.length === 1 ? ` ${placeOf(node)}` : placeOf(node))),
    values: nodes.flatMap((node) =>
      node.options
        .filter((option) => option.takesValue)
        .flatMap((option) => option.names.map((name) => `${placeOf(node)} ${name}`)),
    ),
    offers: new Map(nodes.flatMap(offersOf).filter(([, offers]) => offers.length > 0)),
  };
}

/** Text for a POSIX shell between single quotes. */
const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;
const alternatives = (patterns: readonly string[]): string => patterns.map(quoted).join('|');

function bashScript({ program, places, values, offers }: Answers): string {
  const cases = [...offers].map(
    ([question, found]) =>
      `    ${quoted(question)}) offers=${quoted(found.map(({ word }) => word).join(' '))} ;;`,
  );
  return `_${program}() {
  local cur="\${COMP_WORDS[COMP_CWORD]}"
  local place='' given=0 option='' word question offers=''
  for word in "\${COMP_WORDS[@]:1:COMP_CWORD - 1}"; do
    if [[ -n $option ]]; then option=''; continue; fi
    case "$place $word" in
      ${alternatives(places)}) place="\${place:+$place }$word" given=0 ;;
      ${alternatives(values)}) option="$word" ;;
      *' -'*) ;;
      *) given=$((given + 1)) ;;
    esac
  done
  question="$place $given"
  if [[ -n $option ]]; then question="$place $option"
  elif [[ $cur == -* ]]; then question="$place -"; fi
  case "$question" in
${cases.join('\n')}
  esac
  COMPREPLY=($(compgen -W "$offers" -- "$cur"))
}
complete -o default -F _${program} ${program}
`;
}

const zshOffer = ({ word, meaning }: Offer): string =>
  quoted(`${word.replaceAll(':', '\\:')}${meaning === '' ? '' : `:${meaning}`}`);

function zshScript({ program, places, values, offers }: Answers): string {
  const cases = [...offers].map(
    ([question, found]) => `    (${quoted(question)}) offers=(${found.map(zshOffer).join(' ')}) ;;`,
  );
  return `#compdef ${program}
_${program}() {
  local cur="\${words[CURRENT]}"
  local place='' given=0 option='' word question
  local -a offers
  for word in "\${(@)words[2,CURRENT - 1]}"; do
    if [[ -n $option ]]; then option=''; continue; fi
    case "$place $word" in
      (${alternatives(places)}) place="\${place:+$place }$word" given=0 ;;
      (${alternatives(values)}) option="$word" ;;
      (*' -'*) ;;
      (*) given=$((given + 1)) ;;
    esac
  done
  question="$place $given"
  if [[ -n $option ]]; then question="$place $option"
  elif [[ $cur == -* ]]; then question="$place -"; fi
  case "$question" in
${cases.join('\n')}
  esac
  if (( \${#offers} )); then _describe ${quoted(program)} offers; else _files; fi
}
if [ "$funcstack[1]" = ${quoted(`_${program}`)} ]; then _${program}; else compdef _${program} ${program}; fi
`;
}

/** Text for fish between single quotes. */
const fishQuoted = (text: string): string =>
  `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
const fishWords = (words: readonly string[]): string => words.map(fishQuoted).join(' ');

function fishScript({ program, places, values, offers }: Answers): string {
  const cases = [...offers].flatMap(([question, found]) => [
    `        case ${fishQuoted(question)}`,
    `            printf '%s\\t%s\\n' ${fishWords(found.flatMap(({ word, meaning }) => [word, meaning]))}`,
  ]);
  return `function __${program}_complete
    set -l before (commandline -opc)
    set -l cur (commandline -ct)
    set -l place ''
    set -l given 0
    set -l option ''
    for word in $before[2..]
        if test -n "$option"
            set option ''
            continue
        end
        switch "$place $word"
            case ${fishWords(places)}
                set place (string trim -- "$place $word")
                set given 0
            case ${fishWords(values)}
                set option $word
            case '* -*'
            case '*'
                set given (math $given + 1)
        end
    end
    set -l question "$place $given"
    if test -n "$option"
        set question "$place $option"
    else if string match -q -- '-*' "$cur"
        set question "$place -"
    end
    switch "$question"
${cases.join('\n')}
        case '*'
            __fish_complete_path "$cur"
    end
end
complete -c ${program} -f -a '(__${program}_complete)'
`;
}

/** A shell whose words can be completed. */
export type Shell = 'bash' | 'zsh' | 'fish';

/** The shells, in the order in which the documentation names them. */
export const SHELLS: readonly Shell[] = ['bash', 'zsh', 'fish'];

const SCRIPTS: Readonly<Record<Shell, (answers: Answers) => string>> = {
  bash: bashScript,
  zsh: zshScript,
  fish: fishScript,
};

/**
 * A script that makes a shell complete commands, options and those values of which there are only a
 * few; everything else is completed as a file. It calls no program: completing is fast.
 */
export function completionScriptOf(shell: Shell, root: CommandNode): string {
  return SCRIPTS[shell](answersOf(root));
}
