import type { DraftBody, HeldItem, VerdictInput } from '@/contract/v1/review'
import type { Verdict } from '@/domain/review'

/** One acceptable text in the making, and the suggestion that it was begun from. */
export interface OwnText {
  text: string
  from: string | null
}

/** What an annotator has under their hands at one item. It is kept as a draft while it changes. */
export interface Answering {
  verdicts: Record<string, { verdict: Verdict; reasons: string[] }>
  texts: OwnText[]
  comment: string
  /** The suggestion that keys speak to, by its place. */
  at: number
}

export const freshAnswering: Answering = { verdicts: {}, texts: [], comment: '', at: 0 }

export interface Candidate {
  id: string
  text: string
}

/** The suggestions of an item as words, best first. */
export function candidatesOf(item: Pick<HeldItem, 'candidates'>): Candidate[] {
  return item.candidates.toSorted((a, b) => a.rank - b.rank).map(({ id, text }) => ({ id, text }))
}

const isJudged = ({ verdicts }: Answering, { id }: Candidate) => verdicts[id] !== undefined

/** How many suggestions still wait for a verdict: the rewrite opens, and a save counts, at none. */
export function unjudged(answering: Answering, candidates: readonly Candidate[]): number {
  return candidates.filter(candidate => !isJudged(answering, candidate)).length
}

/** The place of the next suggestion without a verdict after `at`, going round; null where all have one. */
function nextUnjudged(answering: Answering, candidates: readonly Candidate[], at: number): number | null {
  for (let step = 1; step <= candidates.length; step += 1) {
    const place = (at + step) % candidates.length
    const candidate = candidates[place]
    if (candidate && !isJudged(answering, candidate)) return place
  }
  return null
}

/**
 * Gives a verdict. A good one needs no more words, so the keys go on to the next suggestion; any other stays, for its
 * reasons.
 */
export function judge(
  answering: Answering,
  candidates: readonly Candidate[],
  place: number,
  verdict: Verdict,
): Answering {
  const candidate = candidates[place]
  if (!candidate) return answering
  const reasons = verdict === 'good' ? [] : (answering.verdicts[candidate.id]?.reasons ?? [])
  const next = { ...answering, verdicts: { ...answering.verdicts, [candidate.id]: { verdict, reasons } } }
  const at = verdict === 'good' ? (nextUnjudged(next, candidates, place) ?? place) : place
  return { ...next, at }
}

/** Adds or takes away a reason; a suggestion without a verdict, or a good one, has none. */
export function toggleReason(
  answering: Answering,
  candidates: readonly Candidate[],
  place: number,
  reason: string,
  /** All codes, in the order in which they are kept. */
  codes: readonly string[],
): Answering {
  const id = candidates[place]?.id
  const judged = id === undefined ? undefined : answering.verdicts[id]
  if (id === undefined || !judged || judged.verdict === 'good') return answering
  const has = judged.reasons.includes(reason)
  const reasons = codes.filter(code => (code === reason ? !has : judged.reasons.includes(code)))
  return { ...answering, verdicts: { ...answering.verdicts, [id]: { ...judged, reasons } } }
}

export function moveTo(answering: Answering, candidates: readonly Candidate[], place: number): Answering {
  if (candidates.length === 0) return answering
  return { ...answering, at: Math.min(candidates.length - 1, Math.max(0, place)) }
}

/** Judges good whatever has no verdict yet: “accept as is”. */
export function acceptAsIs(answering: Answering, candidates: readonly Candidate[]): Answering {
  let next = answering
  for (const [place, candidate] of candidates.entries())
    if (!isJudged(next, candidate)) next = judge(next, candidates, place, 'good')
  return next
}

/**
 * Opens the rewrite, begun from the suggestion at hand; one without a verdict is usable then. Others must be judged
 * first: the keys go there, and nothing opens.
 */
export function rewrite(answering: Answering, candidates: readonly Candidate[]): Answering {
  const here = candidates[answering.at]
  const judged =
    here && !isJudged(answering, here) ? judge(answering, candidates, answering.at, 'usable') : answering
  const waiting = nextUnjudged(judged, candidates, answering.at)
  if (waiting !== null) return { ...judged, at: waiting }
  if (judged.texts.length > 0) return judged
  return { ...judged, texts: [{ text: here?.text ?? '', from: here?.id ?? null }] }
}

export const mostTexts = 10

export function addText(answering: Answering): Answering {
  if (answering.texts.length >= mostTexts) return answering
  return { ...answering, texts: [...answering.texts, { text: '', from: null }] }
}

export function typeText(answering: Answering, place: number, text: string): Answering {
  return { ...answering, texts: answering.texts.map((own, at) => (at === place ? { ...own, text } : own)) }
}

export function removeText(answering: Answering, place: number): Answering {
  return { ...answering, texts: answering.texts.filter((_, at) => at !== place) }
}

/** The texts that say something of their own: neither empty, nor twice, nor what a suggestion says already. */
export function ownTexts({ texts }: Pick<Answering, 'texts'>, candidates: readonly Candidate[]): string[] {
  const said = new Set(candidates.map(candidate => candidate.text.trim()))
  const own: string[] = []
  for (const { text } of texts) {
    const trimmed = text.trim()
    if (!trimmed || said.has(trimmed)) continue
    said.add(trimmed)
    own.push(trimmed)
  }
  return own
}

export function verdictList({ verdicts }: Answering, candidates: readonly Candidate[]): VerdictInput[] {
  return candidates.flatMap(({ id }) => {
    const judged = verdicts[id]
    return judged ? [{ candidateId: id, verdict: judged.verdict, reasons: judged.reasons }] : []
  })
}

/** A wrong one needs a reason; of a usable one the rewrite tells. */
const lacksReason = (judged: Answering['verdicts'][string] | undefined) =>
  judged?.verdict === 'wrong' && judged.reasons.length === 0

/** The place that the keys go to when it can't be saved yet: the first without a verdict, or without its reason. */
export function firstOpen(answering: Answering, candidates: readonly Candidate[]): number | null {
  const waiting = candidates.findIndex(candidate => !isJudged(answering, candidate))
  const place =
    waiting === -1 ? candidates.findIndex(({ id }) => lacksReason(answering.verdicts[id])) : waiting
  return place === -1 ? null : place
}

/** Why it can't be saved yet, in words; null when it can. */
export function whyNotYet(answering: Answering, candidates: readonly Candidate[]): string | null {
  const left = unjudged(answering, candidates)
  if (left > 0)
    return candidates.length === 1
      ? 'Judge the suggestion first.'
      : `Judge each suggestion first: ${left} ${left === 1 ? 'is' : 'are'} left.`
  const unexplained = candidates.findIndex(({ id }) => lacksReason(answering.verdicts[id]))
  if (unexplained !== -1)
    return candidates.length === 1
      ? 'Say why it is wrong: 1 to 5.'
      : `Say why suggestion ${unexplained + 1} is wrong: 1 to 5.`
  if (candidates.length === 0 && ownTexts(answering, candidates).length === 0)
    return 'Write an answer, or skip.'
  return null
}

/** Whether there is anything that a person would miss. */
export function isBegun({ verdicts, texts, comment }: Answering): boolean {
  return (
    Object.keys(verdicts).length > 0 || texts.some(own => own.text.trim() !== '') || comment.trim() !== ''
  )
}

export function toDraft(answering: Answering, candidates: readonly Candidate[]): DraftBody {
  return {
    verdicts: verdictList(answering, candidates),
    texts: answering.texts.map(own => own.text),
    comment: answering.comment,
  }
}

/** A draft as it lies on the server. What it was begun from is told by what was not judged good. */
export function fromDraft(draft: DraftBody, candidates: readonly Candidate[]): Answering {
  const verdicts: Answering['verdicts'] = {}
  for (const { candidateId, verdict, reasons } of draft.verdicts) verdicts[candidateId] = { verdict, reasons }
  const begunFrom = candidates.find(({ id }) => verdicts[id] && verdicts[id]?.verdict !== 'good')?.id ?? null
  const answering: Answering = {
    verdicts,
    texts: draft.texts.map((text, at) => ({ text, from: at === 0 ? begunFrom : null })),
    comment: draft.comment,
    at: 0,
  }
  return { ...answering, at: nextUnjudged(answering, candidates, -1) ?? 0 }
}
