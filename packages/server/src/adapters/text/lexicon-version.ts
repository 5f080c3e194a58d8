/** Version of the word lexicon, in a file of its own: naming it loads no words. */
export const LEXICON_VERSION = 'subtlex-us/2';
