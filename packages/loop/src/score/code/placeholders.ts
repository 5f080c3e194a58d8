import { type ChangedCode, forEachComment, linesOfNode } from './changed-code.ts';
import type { Declaration } from './declarations.ts';
import { LANGUAGE_RULES } from './language-rules.ts';
import type { ScaffoldingEvidence } from './scaffolding-evidence.ts';
import { childrenOf, kindName, nodeText, type SyntaxTree } from './syntax-tree.ts';

const NOT_IMPLEMENTED =
  /\bnot[\s_-]*(yet[\s_-]*)?implemented\b|\bNotImplemented(Error|Exception)?\b|\b(todo|unimplemented)!|\bTODO\b/i;

/** Marks of work that is left, at the start of a comment line or with a colon. */
const LEFT_OVER = /^[^\p{L}\p{N}]*(TODO|FIXME|XXX|TBD)\b|\b(TODO|FIXME)(:|\()/u;

/** How a line of a comment begins that stands where code should be; prose about one does not. */
const PLACEHOLDER_COMMENT = new RegExp(
  [
    'placeholder\\b',
    'not (yet )?implemented\\b',
    'implement (me|this|here|later)\\b',
    '(\\w+ ){0,3}your (code|logic|implementation) (goes )?here\\b',
    '(the )?(rest|remainder) of (the |your |this )?(\\w+ )?(code|file|class|function|implementation)\\b',
    'existing (code|implementation)\\b',
  ]
    .map((words) => `^[^\\p{L}\\p{N}]*${words}`)
    .join('|'),
  'iu',
);

/** Characters of a comment line that are looked at. */
const MOST_LOOKED_AT = 200;

/** A body longer than this says more than that it is not there. */
const MOST_PLACEHOLDER_TEXT = 300;

/**
 * Functions whose body is empty or only says that it is not implemented, and comments that stand
 * for code (`TODO`, "your code here", "rest of the file"). Functions that may be empty on purpose
 * (abstract, overriding, annotated, constructors) are not named for being empty.
 */
export function findPlaceholders(code: ChangedCode): readonly ScaffoldingEvidence[] {
  const evidence: ScaffoldingEvidence[] = [];
  for (const declaration of code.declarations) {
    const kind = placeholderKind(code, declaration);
    if (kind === null) continue;
    const { first, last } = linesOfNode(code, declaration.node);
    evidence.push({
      kind,
      path: code.path,
      firstLine: first + 1,
      lastLine: last + 1,
      name: declaration.name,
    });
  }
  forEachComment(code.tree, (node) => {
    const { first } = linesOfNode(code, node);
    nodeText(code.tree, node)
      .split('\n')
      .forEach((line, row) => {
        const text = line.trim().slice(0, MOST_LOOKED_AT);
        if (!LEFT_OVER.test(text) && !PLACEHOLDER_COMMENT.test(text)) return;
        const lineNumber = first + row + 1;
        evidence.push({
          kind: 'placeholder-comment',
          path: code.path,
          firstLine: lineNumber,
          lastLine: lineNumber,
          name: null,
        });
      });
  });
  return evidence;
}

function placeholderKind(
  code: ChangedCode,
  declaration: Declaration,
): 'empty-body' | 'not-implemented' | null {
  const { tree } = code;
  if (declaration.body === null || declaration.isAbstract || code.path.endsWith('.pyi'))
    return null;
  const statements = statementsOf(tree, declaration.body);
  if (statements.every((statement) => isNothing(tree, statement))) {
    const isOnPurpose = declaration.mayBeEmpty || /noop/i.test(declaration.name);
    return isOnPurpose ? null : 'empty-body';
  }
  const only = statements[0];
  if (only === undefined || statements.length > 1) return null;
  const text = nodeText(tree, only);
  return text.length <= MOST_PLACEHOLDER_TEXT && NOT_IMPLEMENTED.test(text)
    ? 'not-implemented'
    : null;
}

/** The statements of a body, without comments and the documentation string of Python. */
function statementsOf(tree: SyntaxTree, body: number): readonly number[] {
  const rules = LANGUAGE_RULES[tree.language];
  const statements = childrenOf(tree, body)
    .filter((child) => tree.kinds.isNamed[tree.kind[child] ?? 0] === true)
    .flatMap((child) =>
      rules.transparent.has(kindName(tree, child)) ? statementsOf(tree, child) : [child],
    )
    .filter((child) => !rules.comments.has(kindName(tree, child)));
  const first = statements[0];
  const isDocumented =
    tree.language === 'python' && first !== undefined && isOnly(tree, first, 'string');
  return isDocumented ? statements.slice(1) : statements;
}

/** `pass` and `...` of Python. */
function isNothing(tree: SyntaxTree, statement: number): boolean {
  return kindName(tree, statement) === 'pass_statement' || isOnly(tree, statement, 'ellipsis');
}

function isOnly(tree: SyntaxTree, statement: number, kind: string): boolean {
  const children = childrenOf(tree, statement);
  return (
    kindName(tree, statement) === 'expression_statement' &&
    children.length === 1 &&
    kindName(tree, children[0] ?? statement) === kind
  );
}
