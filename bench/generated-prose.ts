/** Parts that sentences are put together from. Our own words; only their variety matters. */
const SUBJECTS =
  'harbour engine teacher glacier committee battery orchard compiler river merchant bridge surgeon market satellite novel garden protein library storm factory painter railway enzyme village contract forest server kitchen valley orchestra';
const VERBS =
  'carries reduces follows measures replaces explains delays produces absorbs supports rejects compares stores limits describes attracts predicts repairs covers filters';
const ADJECTIVES =
  'narrow reliable ancient electric quiet seasonal expensive parallel fragile northern gradual public curved hidden stable foreign acidic early shallow rapid';
const LINKS = 'because while although so that|which means that|before|unless|and therefore|whereas';

const list = (words: string): string[] => words.split(words.includes('|') ? '|' : ' ');
const [subjects, verbs, adjectives, links] = [SUBJECTS, VERBS, ADJECTIVES, LINKS].map(list);

function pick(from: readonly string[] | undefined, random: () => number): string {
  return from?.[Math.floor(random() * from.length)] ?? '';
}

/** A clause; now and then with a number or a name that no dictionary has. */
function clause(random: () => number): string {
  const made = Math.floor(random() * 36 ** 5).toString(36);
  const object =
    random() < 0.15 ? `the ${made} ${pick(subjects, random)}` : `a ${pick(subjects, random)}`;
  const amount = random() < 0.2 ? ` by ${Math.floor(random() * 900)} units` : '';
  return `the ${pick(adjectives, random)} ${pick(subjects, random)} ${pick(verbs, random)} ${object}${amount}`;
}

/** Text of about so many words in sentences, paragraphs and now and then a list. */
export function generateProse(words: number, random: () => number): string {
  const parts: string[] = [];
  for (let count = 0; count < words; ) {
    const first = clause(random);
    const sentence = random() < 0.6 ? `${first} ${pick(links, random)} ${clause(random)}` : first;
    count += sentence.split(' ').length;
    const lead = random() < 0.08 ? '\n- ' : random() < 0.12 ? '\n\n' : ' ';
    parts.push(`${lead}${sentence.charAt(0).toUpperCase()}${sentence.slice(1)}.`);
  }
  return parts.join('').trim();
}
