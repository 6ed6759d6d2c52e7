import type { HeldItem, PracticeFeedback, Revealed, ReviewedEntry } from '@/contract/v1/review'
import type { Answering } from './answering'

/** An item in this person's hands. */
export interface Hand {
  item: HeldItem
  work: Answering
  /** Of the draft that the server has. */
  revision: number
  draft: 'none' | 'changed' | 'saving' | 'saved' | 'device'
  /** Why it can't be worked on any more; the text stays. */
  lost: string | null
  /** Its undo has not been answered yet: the item is ours again only then. */
  returning: boolean
  /** When the lease ends, by `performance.now()`. */
  until: number
  /** Milliseconds of work so far. */
  activeMs: number
}

/** Something that was done, with what the page knows beyond the server's list. */
export interface Past extends ReviewedEntry {
  state: 'sending' | 'stored' | 'refused'
  /** What the server did not take, and its place among the refused requests of the outbox. */
  problem: { detail: string; at: number } | null
  /** What rested on an answer that was taken back. */
  rested: string[]
  /** How long it was worked on here. */
  activeMs?: number
}

export type Finish = 'submitted' | 'skipped' | 'flagged' | 'asked'

/** As much of an item as is drawn as evidence. */
export type SeenItem = Pick<
  HeldItem,
  'assignmentId' | 'entryId' | 'itemId' | 'title' | 'payload' | 'why' | 'media'
>

interface Looked {
  item: SeenItem
  /** The answer that it is about. */
  eventId: string
  texts: string[]
  /** Milliseconds of work after the answer. */
  activeMs: number
}

/** A locked answer: alone until the suggestion arrives, then beside it. */
export interface Locked extends Looked {
  kind: 'blind'
  lockedAt: string
  revealed: Revealed | null
}

/** An answer of the practice round, and what is said of it. */
export interface Practised extends Looked {
  kind: 'practice'
  practice: { at: number; of: number }
  verdicts: ReviewedEntry['verdicts']
  candidates: { id: string; text: string }[]
  feedback: PracticeFeedback | null
}

/** What is looked at after an answer, in place of the next item. */
export type After = Locked | Practised

/** Where the next item is: in hand, on its way, nowhere. */
export type Fetching =
  | { state: 'idle' | 'asking' | 'none' }
  | { state: 'failed'; code: string; detail: string; passing: boolean }

export type DeskNotice =
  | { kind: 'refused'; detail: string }
  | { kind: 'rested'; sentences: string[] }
  | { kind: 'not-back'; detail: string }
  | { kind: 'stored' }

/** Travels with an event in the outbox: enough to draw what was done again after a reload. */
export interface ReviewNote {
  queueId: string
  entry: ReviewedEntry
  item: HeldItem | null
  work: Answering | null
}

/** The words for a lease that is gone. */
export const takenWords = 'Someone else has this item now. Your draft is kept.'
