/**
 * Lemmas that carry an answer without saying anything: connectives, talk about the answer, talk
 * about thinking. They earn next to nothing, so that shells made of them stay empty.
 */
const GENERIC = `
answer question topic subject aspect factor issue important importance consider consideration analyze analyse
analysis discuss discussion explain explanation explore understand understanding clear clearly note various
different several many overall conclusion conclude summary summarize point example instance method approach
procedure step thing way kind type matter detail information essential crucial significant
significance key comprehensive comprehensively provide ensure regard regarding relate relevant context
perspective therefore however moreover furthermore consequently additionally firstly secondly thirdly first
second third fourth fifth finally next last lastly thus hence indeed basically simply really very quite good
great best excellent helpful useful assistant certainly sure course absolutely definitely feel 
let know wait check verify reconsider think thought hmm actually correct right begin start 
identify respond response reply request user prompt query statement accordingly proceed examine
evaluate nuanced multifaceted holistic delve involve
include depend generally typically usually interesting fascinating complex deep deeply insight insightful
thorough thoroughly careful carefully reason reasoning logical logically`
  .trim()
  .split(/\s+/);

const GENERIC_LEMMAS: ReadonlySet<string> = new Set(GENERIC);

/** Whether a lemma says nothing by itself. */
export function isGeneric(lemma: string): boolean {
  return GENERIC_LEMMAS.has(lemma);
}
