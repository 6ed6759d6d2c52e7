import type { AdjudicationDraft, AnonymousAnswer, HeldAdjudication } from '@/contract/v1/adjudication'

/** What an adjudicator has decided of an item so far. */
export interface Settling {
  /** Refs of the answers that are picked, in the order of their cards. */
  picks: string[]
  /** The final text, once it is another one than what is picked; null while the picks stand as they are. */
  text: string | null
  /** More than one answer may be picked. */
  several: boolean
  /** The item is to go back to its annotators. */
  returning: boolean
  note: string
}

export const freshSettling: Settling = { picks: [], text: null, several: false, returning: false, note: '' }

type Answers = readonly AnonymousAnswer[]

const picked = (answers: Answers, picks: readonly string[]) =>
  answers.filter(answer => picks.includes(answer.ref))

/** The text that the picks stand for, where they stand for one. */
export function pickedText(answers: Answers, { picks }: Pick<Settling, 'picks'>): string | null {
  const texts = new Set(picked(answers, picks).flatMap(answer => answer.texts))
  const [only] = texts
  return texts.size === 1 && only !== undefined ? only : null
}

/** Picks an answer or lets it go; one that was edited is picked as it was. With another pick, what was written from the one before is gone: the card has it still. */
export function pick(settling: Settling, answers: Answers, at: number): Settling {
  const answer = answers[at]
  if (!answer) return settling
  const { ref } = answer
  const had = settling.picks.includes(ref)
  const wanted = settling.several
    ? had
      ? settling.picks.filter(one => one !== ref)
      : [...settling.picks, ref]
    : had && settling.text === null
      ? []
      : [ref]
  const picks = picked(answers, wanted).map(one => one.ref)
  return { ...settling, picks, text: null, returning: false }
}

/** Lets several answers stand side by side, or one alone again. */
export function toggleSeveral(settling: Settling): Settling {
  const several = !settling.several
  return { ...settling, several, picks: several ? settling.picks : settling.picks.slice(0, 1), text: null }
}

/** Opens the editor on what is picked; empty where that is nothing or more than one text. */
export function edit(settling: Settling, answers: Answers): Settling {
  const text = settling.text ?? pickedText(answers, settling) ?? ''
  return { ...settling, text, several: false, returning: false, picks: settling.picks.slice(0, 1) }
}

/** What is sent: the picks as they are, or the text that was made of them. */
export function decisionOf(
  settling: Settling,
  answers: Answers,
): { picks: string[]; texts: { text: string }[] } {
  const text = settling.text?.trim() ?? ''
  if (text === '' || text === pickedText(answers, settling)?.trim())
    return { picks: settling.picks, texts: [] }
  return { picks: [], texts: [{ text }] }
}

/** What is missing before it can be settled or sent back; null when nothing is. */
export function whyNotYet(settling: Settling, answers: Answers): string | null {
  if (settling.returning) return settling.note.trim() === '' ? 'Say what to look at again.' : null
  const { picks, texts } = decisionOf(settling, answers)
  if (picks.length + texts.length > 0) return null
  return settling.text === null
    ? 'Pick an answer, or write the one that is right.'
    : 'Write the answer that is right.'
}

export const toDraft = ({ picks, text, note }: Settling): AdjudicationDraft => ({ picks, text, note })

/** Goes on from a draft: answers that were taken back since are no picks any more. */
export function fromDraft({ answers, draft }: Pick<HeldAdjudication, 'answers' | 'draft'>): Settling {
  if (!draft) return freshSettling
  const picks = picked(answers, draft.body.picks).map(answer => answer.ref)
  const { text, note } = draft.body
  // Words for the annotators and nothing else: it was about to go back to them.
  const returning = note.trim() !== '' && text === null && picks.length === 0
  return { ...freshSettling, picks, text, note, returning, several: picks.length > 1 }
}

export const isBegun = ({ picks, text, note }: Settling): boolean =>
  picks.length > 0 || text !== null || note !== ''
