import type { AlbumPage, AlbumPhoto } from '@/contract/v1/album'
import type { FeedbackEventInput } from '@/contract/v1/feedback'
import type { Learned, SuggestAnswer } from '@/contract/v1/suggest'
import type { Client } from '@/sdk/client'
import { clientTimes, type EventSession } from '@/sdk/event-stamp'
import { newId } from '@/sdk/new-id'
import type { Delivered, Outbox, OutboxRequest } from '@/sdk/outbox'
import { createFlights } from '../inbox/flights'
import { createVisibleTime } from '../inbox/visible-time'
import { type Asked, askingFailed, createWorks, exposureAlone } from '../inbox/works'
import { createQueue } from './queue'

/** What this person decided about a photo's caption. */
export interface Decision {
  eventId: string
  exposureId: string
  type: 'accepted' | 'corrected' | 'written' | 'dismissed' | 'rejected'
  text: string | null
  /** ISO 8601. */
  decidedAt: string
}

export type Answer = Pick<SuggestAnswer, 'exposureId' | 'shown' | 'reason' | 'candidates'>

/** Everything about one photo that is under the person's hands. */
export interface PhotoWork {
  asked: Asked
  answer: Answer | null
  problem: { code: string; detail: string } | null
  /** `shown` was recorded. */
  seen: boolean
  decision: Decision | null
  /** The caption being written, or null when none is. */
  draft: string | null
  /** What the server did not take, in words for the person. */
  refusal: string | null
}

/** Something the person did, for undo and redo to walk along. */
export interface Act {
  photoId: string
  exposureId: string
  eventId: string
  undoEventId: string | null
  before: Decision | null
  after: Decision | null
}

/** Travels with an event: what the photo's decision is once it counts, to be drawn again after a reload. */
interface Note {
  photo: string
  decision: Decision | null
}

interface Kit {
  path: string
  client: Pick<Client, 'request'>
  suggestClient: Client
  outbox: Pick<Outbox, 'add' | 'list' | 'onDelivered' | 'noteUnreachable'>
  session: EventSession
  drafts: { readText(name: string): string; writeText(name: string, text: string): void }
  now?: () => Date
}

/** A page of the album, with when it was asked for: it knows nothing of what was stored after that. */
export type DatedPage = AlbumPage & { askedAt: number }

/** Two at a time: the model looks at one photo after the other, and the first ones are wanted first. */
const askedAtOnce = 2

const freshWork: PhotoWork = {
  asked: 'no',
  answer: null,
  problem: null,
  seen: false,
  decision: null,
  draft: null,
  refusal: null,
}

/** The caption that is suggested for a photo, with where it was learned from, or null. */
export function suggestedCaption({
  answer,
}: PhotoWork): { id: string; text: string; learned: Learned | null } | null {
  const [first] = answer?.shown ? answer.candidates : []
  const text = (first?.value as { text?: unknown } | null | undefined)?.text
  return first && typeof text === 'string' ? { id: first.id, text, learned: first.learned ?? null } : null
}

/** Whether the suggestion still waits for a word. */
export function isOpen(work: PhotoWork): boolean {
  return work.decision === null && suggestedCaption(work) !== null
}

export type AlbumDesk = ReturnType<typeof createAlbumDesk>

/**
 * The work of one person in their album. It draws at once, hands events to the outbox, and puts right what the server
 * answers later. What it decided itself stands until the server's own list was asked for later than it was stored.
 * Knows nothing of React.
 */
export function createAlbumDesk({
  path,
  client,
  suggestClient,
  outbox,
  session,
  drafts,
  now = () => new Date(),
}: Kit) {
  const { works, read, patch, tell, subscribe, getVersion } = createWorks(freshWork)
  /** By photo. */
  const flights = createFlights(() => performance.now())
  /** Photos whose suggestion was learned from something that is being taken back. */
  const stale = new Set<string>()
  const storedListeners = new Set<() => void>()
  let done: Act[] = []
  let undone: Act[] = []

  const draftName = (id: string) => `caption.${id}`

  const sight = createVisibleTime(id => send(shownFirst(id), id))
  const event = (
    id: string,
    exposureId: string,
    body: Pick<FeedbackEventInput, 'type'> & Partial<FeedbackEventInput>,
    decision: Decision | null,
  ): OutboxRequest & { kind: 'event' } => ({
    kind: 'event',
    body: { id: newId(), exposureId, ...session.stamp(), ...body },
    note: { photo: id, decision } satisfies Note,
  })
  /** `shown`, unless it was recorded: a decision about a suggestion is preceded by its being seen. */
  const shownFirst = (id: string): OutboxRequest[] => {
    const work = read(id)
    if (work.seen || !work.answer?.shown) return []
    patch(id, { seen: true })
    return [
      event(id, work.answer.exposureId, { type: 'shown', visibleMs: sight.visibleMs(id) }, work.decision),
    ]
  }
  function send(requests: OutboxRequest[], id: string): void {
    if (requests.length === 0) return
    flights.left(id, requests.length)
    void outbox.add(requests)
    for (const { kind, body } of requests)
      if (kind === 'event' && body.type === 'undone' && body.targetEventId) unlearn(body.targetEventId)
  }
  /** What was learned from an event that is taken back is suggested no more: such photos are asked about anew. */
  function unlearn(eventId: string): void {
    for (const [id, work] of works)
      if (work.decision === null && work.answer?.candidates.some(c => c.learned?.eventId === eventId))
        stale.add(id)
    for (const id of stale) patch(id, { asked: 'asking', answer: null, problem: null })
  }
  /** What was just taught is suggested at once, also under photos that were asked about before. */
  async function spread(exposureId: string): Promise<void> {
    const { itemIds } = await client.request<{ itemIds: string[] }>(
      'GET',
      `${path}/exposures/${exposureId}/similar`,
    )
    for (const id of itemIds) {
      const { decision, draft, asked } = read(id)
      if (decision === null && draft === null && asked === 'answered') ask(id)
    }
  }
  function ask(id: string): void {
    patch(id, { asked: 'asking', problem: null })
    questions.add(() => askNow(id))
  }

  const questions = createQueue(askedAtOnce)
  async function askNow(id: string): Promise<void> {
    if (read(id).asked !== 'asking' || read(id).decision) return
    const body = { exposureId: newId(), sessionId: session.sessionId, itemId: id, ...clientTimes() }
    try {
      const answer = await suggestClient.request<SuggestAnswer>('POST', `${path}/suggest`, body)
      // Whoever was faster than the model is not shown what came too late.
      if (read(id).decision) return
      sight.forget(id)
      patch(id, { asked: 'answered', answer, seen: false, problem: null })
    } catch (error) {
      const { unreachable, problem } = askingFailed(error, 'The suggestion did not arrive.')
      if (unreachable) outbox.noteUnreachable()
      patch(id, { asked: 'failed', problem })
    }
  }

  const openAlone = (id: string) =>
    exposureAlone(session, id, read(id).asked, { photo: id, decision: null } satisfies Note)

  function decide(
    id: string,
    type: Decision['type'],
    text: string | null,
    more: Partial<FeedbackEventInput> = {},
  ): Act {
    const work = read(id)
    const opened = work.answer || work.decision ? null : openAlone(id)
    const exposureId = work.answer?.exposureId ?? work.decision?.exposureId ?? opened?.body.exposureId ?? ''
    const first: OutboxRequest[] = opened ? [opened] : shownFirst(id)
    const request = event(
      id,
      exposureId,
      { type, ...more, ...(work.answer?.shown ? { visibleMs: sight.visibleMs(id) } : {}) },
      null,
    )
    const decision: Decision = {
      eventId: request.body.id,
      exposureId,
      type,
      text,
      decidedAt: now().toISOString(),
    }
    request.note = { photo: id, decision } satisfies Note
    const act: Act = {
      photoId: id,
      exposureId,
      eventId: decision.eventId,
      undoEventId: null,
      before: work.decision,
      after: decision,
    }
    done.push(act)
    undone = []
    drafts.writeText(draftName(id), '')
    patch(id, { decision, draft: null, refusal: null })
    send([...first, request], id)
    return act
  }

  function receive(delivered: readonly Delivered[]): void {
    let any = false
    for (const item of delivered) {
      const note = item.request.note as Partial<Note> | undefined
      if (!note?.photo) continue
      any = true
      flights.landed(note.photo)
      if (item.kind === 'refused' && item.request.kind === 'event') refused(note.photo, item)
      if (item.kind === 'event' && item.request.kind === 'event') settled(item.request.body)
    }
    if (any) for (const listener of storedListeners) listener()
  }

  function settled({ type, exposureId }: FeedbackEventInput): void {
    // Without an answer the suggestions stay as they were.
    if (type === 'corrected' || type === 'written') void spread(exposureId).catch(() => {})
    if (type !== 'undone') return
    for (const id of stale) ask(id)
    stale.clear()
  }

  /** Puts back what the server did not take, so that nothing looks done that isn't; the words are kept. */
  function refused(id: string, item: Delivered & { kind: 'refused' }): void {
    if (item.request.kind !== 'event' || item.request.body.type === 'shown') return
    const { body } = item.request
    const about = body.targetEventId ?? body.id
    const act = [...done, ...undone].find(a => a.eventId === about)
    const words = read(id).decision?.text ?? null
    const isUndo = body.type === 'undone'
    done = done.filter(a => a.eventId !== body.id)
    patch(id, {
      decision: (isUndo ? act?.after : act?.before) ?? null,
      draft: body.after && !isUndo ? words : read(id).draft,
      refusal: item.refused.detail,
    })
  }

  function take(photo: AlbumPhoto, askedAt: number): void {
    const known = works.get(photo.id)
    if (flights.isOld(photo.id, askedAt)) return
    if (known?.asked === 'asking' && known.decision === null && photo.exposure?.decision == null) return
    const { exposure } = photo
    const draft = known?.draft ?? null
    // A suggestion that is on its way, or that the server lists no more, stays what this page knows.
    if (!exposure) {
      if (!known) works.set(photo.id, { ...freshWork, draft })
      else if (known.decision) works.set(photo.id, { ...known, decision: null })
      return
    }
    const { decision, exposureId, shown, seen, reason, candidates } = exposure
    works.set(photo.id, {
      asked: 'answered',
      answer: { exposureId, shown, reason, candidates },
      problem: null,
      seen: seen || (known?.answer?.exposureId === exposureId && known.seen),
      decision: decision && { ...decision, exposureId },
      draft,
      refusal: known?.refusal ?? null,
    })
  }

  return {
    subscribe,
    getVersion,
    read,

    /** Listens to the outbox until the returned function is called; `onStored` says that lists have changed. */
    start(onStored: () => void) {
      storedListeners.add(onStored)
      const stop = outbox.onDelivered(receive)
      return () => {
        storedListeners.delete(onStored)
        stop()
      }
    },

    /** Takes over what the server lists, where nothing newer was done here. */
    load(pages: readonly DatedPage[]) {
      for (const { photos, askedAt } of pages) for (const photo of photos) take(photo, askedAt)
      tell()
    },

    /** Draws again what lies on this device from before this page was opened: captions half written, and what waits. */
    async restore() {
      for (const id of works.keys()) {
        const draft = drafts.readText(draftName(id))
        if (draft) patch(id, { draft })
      }
      for (const request of await outbox.list()) {
        const note = request.note as Partial<Note> | undefined
        if (!note?.photo || request.kind !== 'event') continue
        flights.left(note.photo)
        if (request.body.type !== 'shown') patch(note.photo, { decision: note.decision ?? null })
      }
    },

    ask,

    /** Tells whether the suggestion is in view; half a second of it is `shown`. */
    seen: (id: string, visible: boolean) =>
      sight.set(id, visible, !read(id).seen && read(id).answer?.shown === true),

    accept(id: string): Act | null {
      const suggestion = suggestedCaption(read(id))
      if (!suggestion || read(id).decision?.type === 'accepted') return null
      return decide(id, 'accepted', suggestion.text, { candidateId: suggestion.id })
    },

    dismiss(id: string): Act | null {
      return isOpen(read(id)) ? decide(id, 'dismissed', null) : null
    },

    edit(id: string) {
      const work = read(id)
      if (work.draft !== null) return
      patch(id, { draft: work.decision?.text ?? suggestedCaption(work)?.text ?? '', refusal: null })
    },

    type(id: string, text: string) {
      drafts.writeText(draftName(id), text)
      patch(id, { draft: text })
    },

    /** Leaves the editor; what stood before stands again. */
    putBack(id: string) {
      drafts.writeText(draftName(id), '')
      patch(id, { draft: null })
    },

    /** Saves what was written: unchanged it is accepted, changed corrected, and without a suggestion written. */
    save(id: string): Act | null {
      const work = read(id)
      const text = work.draft?.trim() ?? ''
      if (!text) return null
      const suggestion = suggestedCaption(work)
      if (work.decision?.text === text && work.decision.type !== 'dismissed') {
        this.putBack(id)
        return null
      }
      if (suggestion?.text.trim() === text)
        return decide(id, 'accepted', text, { candidateId: suggestion.id })
      return suggestion
        ? decide(id, 'corrected', text, { candidateId: suggestion.id, after: { text } })
        : decide(id, 'written', text, { after: { text } })
    },

    /** What `Z` would take back: the last act here, else the last decision that the page shows. */
    latest(): Act | undefined {
      const act = done.at(-1)
      if (act) return act
      const decided = [...works].flatMap(([photoId, { decision }]) =>
        decision ? [{ photoId, decision }] : [],
      )
      const newest = decided.sort((a, b) => (a.decision.decidedAt < b.decision.decidedAt ? 1 : -1))[0]
      return newest && this.actOf(newest.photoId)
    },
    latestUndone: (): Act | undefined => undone.at(-1),

    /** The act behind a photo's decision, also where it was done before this page was opened. */
    actOf(id: string): Act | undefined {
      const { decision } = read(id)
      if (!decision) return undefined
      const known = done.findLast(act => act.eventId === decision.eventId)
      if (known) return known
      const { eventId, exposureId } = decision
      return { photoId: id, eventId, exposureId, undoEventId: null, before: null, after: decision }
    },

    undo(act: Act) {
      const request = event(
        act.photoId,
        act.exposureId,
        { type: 'undone', targetEventId: act.eventId },
        act.before,
      )
      act.undoEventId = request.body.id
      done = done.filter(other => other !== act)
      undone.push(act)
      patch(act.photoId, { decision: act.before, refusal: null })
      send([request], act.photoId)
    },

    redo(act: Act) {
      if (!act.undoEventId) return
      const request = event(
        act.photoId,
        act.exposureId,
        { type: 'redone', targetEventId: act.undoEventId },
        act.after,
      )
      act.undoEventId = null
      undone = undone.filter(other => other !== act)
      done.push(act)
      patch(act.photoId, { decision: act.after, refusal: null })
      send([request], act.photoId)
    },
  }
}
