import type { FeedbackEventInput } from '@/contract/v1/feedback'
import type { InboxItem } from '@/contract/v1/items'
import type { SuggestAnswer, Suggestion } from '@/contract/v1/suggest'
import type { SmartReplyPayload } from '@/tasks/smart-reply/task'

/** A thread as the inbox shows it. Before the server knows a pasted one, its key is made here and `itemId` is null. */
export interface Thread {
  key: string
  itemId: string | null
  payload: SmartReplyPayload
  /** Sample threads are "sent" inside Amend only; the reply to any other is copied out. */
  sample: boolean
  createdAt: string
  serverReply: InboxItem['reply']
}

export interface Choice {
  candidateId: string
  eventId: string
}

/** The reply of this person: on this device, waiting to go, or gone. */
export interface OwnReply {
  eventId: string
  exposureId: string
  text: string
  state: 'device' | 'waiting' | 'sent'
  /** When it goes out, epoch milliseconds of this device's clock. */
  until: number | null
  /** It went out, and was taken back as feedback later. */
  withdrawn: boolean
  /** The live undo, which a redo names. */
  undoEventId: string | null
  /** What the editor gets back when it is undone. */
  before: { text: string; chosen: Choice | null } | null
}

/** What the server did not take, with the words for the person. */
export interface Problem {
  code: string
  detail: string
  /** Its place among the refused requests of the outbox. */
  at?: number
}

/** Everything a person has under their hands in one thread. It survives a change of thread and, as a draft, a reload. */
export interface Work {
  asked: 'no' | 'asking' | 'answered' | 'unreachable' | 'refused'
  answer: SuggestAnswer | null
  askProblem: Problem | null
  /** Suggestions may be painted: the person is not in the middle of typing. */
  ready: boolean
  text: string
  chosen: Choice | null
  rejected: Choice[]
  /** The event that dismissed them all. */
  dismissed: string | null
  /** `shown` was recorded. */
  shown: boolean
  reply: OwnReply | null
  /** Events taken back here that the server's last list may still show. */
  takenBack: string[]
  refusal: Problem | null
}

export const freshWork: Work = {
  asked: 'no',
  answer: null,
  askProblem: null,
  ready: true,
  text: '',
  chosen: null,
  rejected: [],
  dismissed: null,
  shown: false,
  reply: null,
  takenBack: [],
  refusal: null,
}

export function suggestionText(suggestion: Suggestion): string {
  const text = (suggestion.value as { text?: unknown } | null)?.text
  return typeof text === 'string' ? text : ''
}

export function findSuggestion(work: Work, candidateId: string | undefined): Suggestion | undefined {
  return work.answer?.candidates.find(c => c.id === candidateId)
}

/** The suggestions that are still offered, in rank order. */
export function offered(work: Work): Suggestion[] {
  if (!work.answer?.shown || work.dismissed !== null) return []
  const rejected = new Set(work.rejected.map(r => r.candidateId))
  return work.answer.candidates.filter(c => !rejected.has(c.id) && !isTakenBack(work, c))
}

/** What it was learned from was taken back here: it is suggested no more. */
function isTakenBack(work: Work, suggestion: Suggestion): boolean {
  const taught = suggestion.learned?.eventId
  return taught != null && work.takenBack.includes(taught)
}

/** The text of the chosen suggestion, or null. */
export function chosenText(work: Work): string | null {
  const suggestion = findSuggestion(work, work.chosen?.candidateId)
  return suggestion ? suggestionText(suggestion) : null
}

/** White space at both ends is no correction, as the task type compares. */
export function isEdited(work: Work): boolean {
  const before = chosenText(work)
  return before !== null && before.trim() !== work.text.trim()
}

type Sending = Pick<FeedbackEventInput, 'type' | 'candidateId' | 'after'>

/** Which event sending records now; null where there is nothing to send. */
export function sendingEvent(work: Work): Sending | null {
  const text = work.text.trim()
  if (!text) return null
  if (!work.chosen || chosenText(work) === null) return { type: 'written', after: { text } }
  const { candidateId } = work.chosen
  return isEdited(work)
    ? { type: 'corrected', candidateId, after: { text } }
    : { type: 'accepted', candidateId }
}

export function choose(work: Work, suggestion: Suggestion, eventId: string): Work {
  return {
    ...work,
    chosen: { candidateId: suggestion.id, eventId },
    text: suggestionText(suggestion),
    refusal: null,
  }
}

/** Takes the choice away. Its words leave the editor unless the person has made them their own. */
export function unchoose(work: Work): Work {
  return { ...work, chosen: null, text: isEdited(work) ? work.text : '' }
}

export function reject(work: Work, choice: Choice): Work {
  return {
    ...work,
    rejected: [...work.rejected.filter(r => r.candidateId !== choice.candidateId), choice],
    refusal: null,
  }
}

export function restore(work: Work, eventId: string): Work {
  return {
    ...work,
    rejected: work.rejected.filter(r => r.eventId !== eventId),
    dismissed: work.dismissed === eventId ? null : work.dismissed,
  }
}

/** Whether there is anything worth keeping over a reload. */
export function isWorthKeeping(work: Work): boolean {
  return work.text !== '' || work.chosen !== null || (work.reply !== null && work.reply.state !== 'sent')
}

/** The reply to draw: what happened here goes before what the server said last. */
export function replyOf(thread: Thread, work: Work, clockAheadMs: number): OwnReply | null {
  const { serverReply: server } = thread
  const local = work.reply
  if (local) {
    if (server?.eventId !== local.eventId || local.state === 'sent') return local
    return server.state === 'sent' ? { ...local, state: 'sent', until: null } : { ...local, state: 'waiting' }
  }
  if (!server || work.takenBack.includes(server.eventId)) return null
  return {
    eventId: server.eventId,
    exposureId: '',
    text: server.text,
    state: server.state,
    until: server.state === 'waiting' ? Date.parse(server.sendAt) - clockAheadMs : null,
    withdrawn: server.withdrawn,
    undoEventId: null,
    before: null,
  }
}
