import { lastReceivedText, messagesOf } from './message-text'
import type { SmartReplyPayload } from './task'

type Why = { because: string; reason: string }

const automatedAuthor =
  /\b(no-?reply|do-?not-?reply|donotreply|notifications?|newsletter|mailer-daemon|automated|alerts?|billing system)\b/i

const automatedText = [
  /\bunsubscribe\b/i,
  /\bmanage (your )?(preferences|subscription|notifications)\b/i,
  /\b(do not|don['’]t|please do not) (reply|respond) to this (e-?mail|message|address)\b/i,
  /\bthis (is an|e-?mail was|message was) (automated|automatically|auto-generated|sent automatically)\b/i,
  /\bautomated (message|notification|reminder|e-?mail)\b/i,
  /\b(view|read) (this|it) (e-?mail |newsletter )?(in|online in) (your|a) browser\b/i,
  /\byou (are receiving|received) this (e-?mail|message|newsletter|because)\b/i,
  /\b(verification|security|one-time|sign-in|login|confirmation) (code|passcode)\b/i,
  /\b(tracking|order|transaction|receipt|booking|reference) (number|no\.?|id)\s*[:#]/i,
  /\b(order|subtotal|vat|total|amount (paid|charged))\s*:\s*[€$£]?\s?\d/i,
  /\bthis month['’]s (issue|edition|newsletter)\b|\bin this (issue|edition)\b|\bissue (no\.?|#) ?\d+/i,
  /\b(out of (the )?office|automatic reply|auto-?reply)\b/i,
]

const noReplyWanted =
  /\bno (need to (reply|respond|answer)|(reply|response|answer|action) (is )?(needed|required|necessary))\b|\bnothing (you need )?to do\b/i

const forInformation =
  /^\s*(fyi|for your information|just (fyi|for your information|a heads[- ]up)|heads[- ]up)\b/i

const broadcast =
  /^\s*(hi|hello|dear|good (morning|afternoon|evening))?,?\s*(all|everyone|everybody|team|colleagues|residents|members|parents|neighbou?rs|customers?|subscribers?)\b/i

/** Why no reply is expected at all, or null when one may be. */
export function whyNoReply(payload: SmartReplyPayload): Why | null {
  const { received, lastIsMine } = messagesOf(payload)
  const last = received.at(-1)
  if (!last || lastIsMine) return { because: 'own-message-last', reason: 'No suggestion: you wrote last.' }
  const text = lastReceivedText(payload)
  if (text === '') return { because: 'empty', reason: 'No suggestion: the message has no text of its own.' }
  if (
    automatedAuthor.test(last.author) ||
    /\bnewsletter\b|\breceipt\b/i.test(payload.subject) ||
    automatedText.some(pattern => pattern.test(text))
  )
    return {
      because: 'automated',
      reason: 'No suggestion: this looks like an automatic message or a newsletter.',
    }
  if (noReplyWanted.test(text))
    return { because: 'no-reply-wanted', reason: 'No suggestion: the message says no reply is needed.' }
  const asks = asksSomething(text)
  if (!asks && (forInformation.test(text) || forInformation.test(payload.subject)))
    return { because: 'for-information', reason: 'No suggestion: the message only informs.' }
  if (!asks && broadcast.test(text))
    return { because: 'broadcast', reason: 'No suggestion: the message goes to many and asks nothing.' }
  if (!asks && text.split(/\s+/).length > 120)
    return {
      because: 'long-without-question',
      reason: 'No suggestion: the message is long and asks nothing.',
    }
  return null
}

/** Whether a text holds a question or a request. */
export function asksSomething(text: string): boolean {
  return (
    /[?？؟]/.test(text) ||
    /\b(can|could|would|will) you\b|\blet (me|us) know\b|\bplease\b(?! (note|find|be aware|see))|\brsvp\b|\bwould love your\b|\bi need you\b/i.test(
      text,
    )
  )
}
