/** What a message wants of its reader: a decision, a piece of information, a yes or no about facts, or nothing. */
export type MessageForm = 'decision' | 'open-question' | 'fact-question' | 'statement'

/** How a decision is asked for; chooses the words of a rule's reply. */
export type DecisionKind = 'choice' | 'request' | 'permission' | 'invitation' | 'proposal'

const openQuestion =
  /^(?:(?:so|and|but|also|by the way|btw|ok|okay|well|hey|hi|hello|sorry|quick question|one question)[,:]? )*(?:what|when|where|which|who|whose|why|how|what's|where's|when's|who's|how's|roughly how|at what|for how|in which|on which|until when)\b/i
const openQuestionInside =
  /\b(?:tell|remind|know|say|idea|sure|remember|check|see|ask|wondering|clarify) (?:me |us )?(?:again )?(?:what|when|where|which|who|why|how)\b/i
const suggestsByQuestion =
  /\b(?:how about|what about|why don't (?:we|you)|why not|what if we|how would you like to|how do you feel about)\b/i

const choice =
  /\b(?:should (?:i|we)|shall (?:i|we)|would you (?:prefer|rather|like)|do you (?:want|prefer|like)|is it better)\b/i
const alternative = /\bor (?!(?:not|so|something|anything|anyone|someone)\b)\w/i
const permission =
  /\b(?:can|could|may|shall|should) i\b|\b(?:ok|okay|fine|alright|all right) (?:if|for me to) i?\b|\b(?:do|would) you mind (?:if|me)\b|\bmind if i\b|\bam i allowed\b|\b(?:would|do) you (?:like|want) me to\b|\bcan (?:he|she|they|my \w+)\b/i
const invitation =
  /\b(?:do you|would you|you) (?:want|like|fancy|care) to \w+\b|\b(?:are you|would you be|you) interested in\b|\b(?:would|do) you (?:want|like) (?:a|some|another|tickets?)\b|\bfancy\b|\b(?:you|anyone|anybody|be) up for\b|\bkeen (?:to|on|for)\b|\bcare to\b|\bwanna\b|\bwant to (?:join|come|go|grab|meet)\b|\bare you (?:coming|joining|in)\b|\b(?:join|joining) us\b|\b(?:you're|you are) invited\b|\bcan you (?:make it|come|join)\b|\bwill you (?:come|join|be there|be coming|be joining|make it)\b|\brsvp\b|\bwould (?:love|like) (?:it if you|you to (?:come|join))\b|\binvite you\b/i
const proposal =
  /\b(?:shall|should|can|could|may) we\b|\bhow about\b|\bwhat about\b|\bwhy don't we\b|\bare you (?:still )?(?:free|available|around|about)\b|\b(?:does|do|would|will) .{1,60}\b(?:work|suit)\b.{0,40}\?|\b(?:would|will|is|are) .{1,60}\b(?:ok|okay|fine|possible|convenient|good|alright|doable|all right)(?: (?:for|with|by) [\w ]{1,30})?\?|\b(?:if|whether) (?:that|this|it|\w+day) (?:works|suits|is (?:ok|okay|fine))\b|\blet's\b.{1,80}\?|\b(?:would|will) (?:it|that|this|\w+day) (?:work|suit|be)\b|\bcould it be\b|\b(?:ok|okay|agreed|deal|sound good|sounds good|works for you)\?/i
const request =
  /\b(?:can|could|would|will|might) (?:you|u|someone|one of you|anyone|anybody)\b|\bcan't you\b|\b(?:would|do) you mind\b|\bplease (?!find\b|note\b|see\b|be aware\b|be advised\b|accept\b|excuse\b|feel\b|don't (?:worry|hesitate)\b|do not hesitate\b)\w+|\bany chance\b|\bis there any way\b|\bi need you to\b|\bare you (?:able|willing|happy|prepared|ok(?:ay)? (?:with|to)|interested|sure you can)\b|\bwould it be possible\b|\bdo you (?:have (?:time|\w+ minutes|a (?:minute|moment|second|spare))|want|need me|agree|approve|fancy)\b|\blet me know if you (?:can|could|want|are|would|agree|approve|need)\b|\b(?:do|are|is|have) (?:you|we) (?:still )?(?:on|going ahead|good to go|agree(?:d|ing)?)\b|\bwould you (?:be|like|prefer|consider|have|take|join|want)\b|\bwilling to\b|\bi(?:'d| would) (?:be grateful|appreciate it) if\b|\bhappy for (?:me|us) to\b/i
const leaveForSomeone =
  /^(?:hi |hey |so |and )?(?:can|could|may) \w+.*\?|\b(?:would|will) \w+ (?:like|want|be able|be allowed) to\b.*\?/i

/** Sentences of a text, each with its closing mark. */
export function sentencesOf(text: string): string[] {
  return (text.replace(/\s+/g, ' ').match(/[^.!?]+(?:[.!?]+(?=\s|$)|[.!?]+|$)/g) ?? [])
    .map(sentence => sentence.trim())
    .filter(sentence => /\p{L}|\p{N}/u.test(sentence))
}

/** How a sentence asks for a decision, or null when it asks for none. */
export function decisionKindOf(sentence: string): DecisionKind | null {
  const text = sentence.replace(/[’‘]/g, "'")
  if ((openQuestion.test(text) || openQuestionInside.test(text)) && !suggestsByQuestion.test(text))
    return null
  if (choice.test(text) && alternative.test(text) && text.includes('?')) return 'choice'
  if (permission.test(text)) return 'permission'
  if (invitation.test(text)) return 'invitation'
  if (proposal.test(text)) return 'proposal'
  if (request.test(text)) return 'request'
  if (leaveForSomeone.test(text)) return 'permission'
  return null
}

/** The form of one sentence. */
function formOfSentence(sentence: string): MessageForm {
  const text = sentence.replace(/[’‘]/g, "'")
  if (decisionKindOf(text) !== null) return 'decision'
  if (openQuestion.test(text) || (openQuestionInside.test(text) && text.includes('?'))) return 'open-question'
  return text.includes('?') ? 'fact-question' : 'statement'
}

/** The form of a whole message: that of its most demanding sentence, the last one counting first. */
export function formOf(text: string): { form: MessageForm; sentence: string } {
  const sentences = sentencesOf(text).reverse()
  for (const form of ['decision', 'open-question', 'fact-question'] as const) {
    const sentence = sentences.find(candidate => formOfSentence(candidate) === form)
    if (sentence !== undefined) return { form, sentence }
  }
  return { form: 'statement', sentence: sentences.at(-1) ?? text }
}

/** Drops the salutation in front and the closing line behind, which say nothing about what is asked. */
export function coreOf(text: string): string {
  const withoutGreeting = text
    .trim()
    .replace(
      /^(?:hi|hey|hello|dear|good (?:morning|afternoon|evening)|morning)\b(?: (?:there|again))?(?: [\p{L}.'-]+){0,3}[,!:–-]\s+(?=\S)/iu,
      '',
    )
  const withoutClosing = withoutGreeting.replace(
    /\n\s*(?:(?:many |kind |best |warm )?(?:thanks|thank you|regards|wishes|best|cheers|love|yours|sincerely|greetings|x+)[^\n]{0,40}[,.!]?\s*)?(?:\n?\s*[\p{Lu}][\p{L}.'-]*(?: [\p{Lu}][\p{L}.'-]*){0,2})?\s*$/iu,
    '',
  )
  return withoutClosing.trim() || text.trim()
}
