/** Hash of a text, as hex. Injected: this package has no hash function of its own. */
export type HashText = (text: string) => string;

/**
 * Root of a Merkle tree over texts in the order given, as hex of the hash function.
 *
 * Leaves and inner nodes are hashed with different prefixes, so that a node can never be passed
 * off as a leaf; an odd node at the end of a level moves up unchanged. No leaves: hash of the
 * empty text.
 */
export function merkleRoot(leaves: readonly string[], hash: HashText): string {
  if (leaves.length === 0) return hash('');
  let level = leaves.map((leaf) => hash(`0:${leaf}`));
  while (level.length > 1) {
    const next: string[] = [];
    for (let at = 0; at < level.length; at += 2) {
      const left = level[at] ?? '';
      const right = level[at + 1];
      next.push(right === undefined ? left : hash(`1:${left}:${right}`));
    }
    level = next;
  }
  return level[0] ?? hash('');
}
