import type { FeedbackEventInput } from '@/contract/v1/feedback'
import type { OpenExposureBody, SuggestAnswer, SuggestBody } from '@/contract/v1/suggest'
import { ApiError, type Client } from '@/sdk/client'
import type { EventSession } from '@/sdk/event-stamp'
import { newId } from '@/sdk/new-id'
import type { Delivered, Outbox, OutboxRequest } from '@/sdk/outbox'
import type { Drafts } from './drafts'
import { findExposureOf } from './find-exposure'
import {
  type Choice,
  choose,
  findSuggestion,
  freshWork,
  isEdited,
  type OwnReply,
  reject,
  restore,
  sendingEvent,
  type Thread,
  unchoose,
  type Work,
} from './thread-work'
import { createVisibleTime } from './visible-time'

/** Something the person did, in the order they did it: what undo and redo walk along. */
export interface Act {
  kind: 'chosen' | 'rejected' | 'dismissed' | 'sent'
  key: string
  eventId: string
  exposureId: string
  undoEventId: string | null
  /** The editor before it, given back by undo. */
  before: { text: string; chosen: Choice | null }
  /** The editor at the moment of undo, given back by redo. */
  after: { text: string; chosen: Choice | null; reply: OwnReply | null } | null
  candidateId: string | null
}

/** An event of any earlier time, as the history lists it. */
export interface PastEvent {
  eventId: string
  exposureId: string
  itemId: string
}

/** What the page says about something that came back later. */
export type DeskNotice =
  | { kind: 'already-sent'; key: string }
  | { kind: 'refused'; key: string; detail: string }
  | { kind: 'moved'; from: string; to: string }
  | { kind: 'stored' }

export interface DeskOptions {
  slug: string
  client: Client
  /** Gives up early: a person never waits for a suggestion. */
  suggestClient: Client
  outbox: Outbox
  session: EventSession
  drafts: Drafts
}

interface Note {
  key: string
  /** The event that an undo or a redo is about. */
  about?: string
}

export const sendDelayMs = 8_000
const pauseInTypingMs = 1_000

export type Desk = ReturnType<typeof createDesk>

/**
 * The work of one person in their threads: what is suggested, typed, chosen, sent and taken back. It draws at once,
 * hands events to the outbox, and puts right what the server answers later. Knows nothing of React.
 */
export function createDesk({ slug, client, suggestClient, outbox, session, drafts }: DeskOptions) {
  const path = `/projects/${encodeURIComponent(slug)}`
  const works = new Map<string, Work>()
  const listeners = new Set<() => void>()
  const noticeListeners = new Set<(notice: DeskNotice) => void>()
  const lastTyped = new Map<string, number>()
  const sight = createVisibleTime(key => {
    const requests = shownFirst(key)
    if (requests.length === 0) return
    drafts.write(key, read(key))
    send(requests)
  })
  const { visibleMs } = sight
  let done: Act[] = []
  let undone: Act[] = []
  let version = 0

  const changed = () => {
    version += 1
    for (const listener of listeners) listener()
  }
  const tell = (notice: DeskNotice) => {
    for (const listener of noticeListeners) listener(notice)
  }
  const read = (key: string): Work => works.get(key) ?? freshWork
  const write = (key: string, work: Work) => {
    works.set(key, work)
    drafts.write(key, work)
    changed()
  }
  const patch = (key: string, change: Partial<Work>) => write(key, { ...read(key), ...change })
  const editorOf = ({ text, chosen }: Work) => ({ text, chosen })

  const event = (
    key: string,
    exposureId: string,
    body: Pick<FeedbackEventInput, 'type'> & Partial<FeedbackEventInput>,
    about?: string,
  ): OutboxRequest & { kind: 'event' } => ({
    kind: 'event',
    body: { id: newId(), exposureId, ...session.stamp(), ...body },
    note: { key, ...(about ? { about } : {}) } satisfies Note,
  })
  /** `shown`, unless it was recorded: a decision about a suggestion is preceded by its being seen. */
  const shownFirst = (key: string): OutboxRequest[] => {
    const work = read(key)
    if (work.shown || !work.answer?.shown) return []
    works.set(key, { ...work, shown: true })
    return [event(key, work.answer.exposureId, { type: 'shown', visibleMs: visibleMs(key) })]
  }
  const send = (requests: OutboxRequest[]) => void outbox.add(requests)
  const did = (act: Act) => {
    done.push(act)
    undone = []
  }
  /** Takes the choice back in the log too, where something else is decided about the suggestions. */
  const withdrawChoice = (key: string): OutboxRequest[] => {
    const work = read(key)
    if (!work.chosen || !work.answer) return []
    const { eventId } = work.chosen
    done = done.filter(act => act.eventId !== eventId)
    works.set(key, unchoose(work))
    return [event(key, work.answer.exposureId, { type: 'undone', targetEventId: eventId }, eventId)]
  }

  async function ask(thread: Thread): Promise<void> {
    const { key } = thread
    patch(key, { asked: 'asking', askProblem: null, answer: null, ready: true })
    const base = { exposureId: newId(), sessionId: session.sessionId, ...clientTimes() }
    const body: SuggestBody = thread.itemId
      ? { ...base, itemId: thread.itemId }
      : { ...base, item: newItem(thread) }
    try {
      const answer = await suggestClient.request<SuggestAnswer>('POST', `${path}/suggest`, body)
      const at = moveTo(thread, answer.itemId)
      // The person was faster: what came too late is not shown, and not recorded as shown.
      if (read(at).reply) return
      sight.forget(at)
      patch(at, { asked: 'answered', answer, ready: false, shown: false, rejected: [], dismissed: null })
      paintInPause(at)
    } catch (error) {
      if (read(key).reply) return
      const problem = error instanceof ApiError ? error : null
      const passing = problem === null || problem.passing
      if (problem?.status === 0) outbox.noteUnreachable()
      patch(key, {
        asked: passing ? 'unreachable' : 'refused',
        askProblem: {
          code: problem?.code ?? 'internal',
          detail: problem?.detail ?? 'The suggestions did not arrive.',
        },
      })
    }
  }

  /** Suggestions never appear under a person's typing: they wait for a pause. */
  function paintInPause(key: string): void {
    const wait = (lastTyped.get(key) ?? Number.NEGATIVE_INFINITY) + pauseInTypingMs - performance.now()
    if (wait <= 0) patch(key, { ready: true })
    else setTimeout(() => paintInPause(key), wait)
  }

  function moveTo(thread: Thread, itemId: string): string {
    if (thread.itemId !== null || thread.key === itemId) return thread.key
    works.set(itemId, read(thread.key))
    works.delete(thread.key)
    drafts.write(thread.key, freshWork)
    for (const act of [...done, ...undone]) if (act.key === thread.key) act.key = itemId
    tell({ kind: 'moved', from: thread.key, to: itemId })
    return itemId
  }

  function newItem(thread: Thread): SuggestBody['item'] {
    // The same name on every try: a paste that is sent again finds the item it made.
    return { payload: thread.payload, externalId: `pasted:${thread.key}` }
  }

  /** An exposure without a suggestion, opened here: what is written needs one to belong to. */
  function openAlone(
    thread: Thread,
    reason: OpenExposureBody['reason'],
  ): OutboxRequest & { kind: 'exposure' } {
    const base = { exposureId: newId(), sessionId: session.sessionId, reason, ...clientTimes() }
    return {
      kind: 'exposure',
      body: thread.itemId ? { ...base, itemId: thread.itemId } : { ...base, item: newItem(thread) },
      note: { key: thread.key } satisfies Note,
    }
  }

  function reasonAlone(work: Work): OpenExposureBody['reason'] {
    if (work.asked === 'asking') return 'too-late'
    return work.asked === 'unreachable' || work.asked === 'refused' ? 'unreachable' : 'not-asked'
  }

  /** A draft from long ago: by now the server knows better what became of the reply. */
  function stale(reply: OwnReply | null): boolean {
    return reply?.state === 'waiting' && (reply.until ?? 0) < Date.now() - sendDelayMs
  }

  async function dropUnlessQueued(key: string, eventId: string): Promise<void> {
    const queued = await outbox.list()
    if (queued.some(request => request.kind === 'event' && request.body.id === eventId)) return
    if (read(key).reply?.eventId === eventId && read(key).reply?.state === 'device')
      patch(key, { reply: null })
  }

  function applyUndo(act: Act): void {
    const work = read(act.key)
    act.after = { ...editorOf(work), reply: work.reply }
    if (act.kind === 'sent') {
      const late = isGone(work.reply)
      if (late && work.reply)
        patch(act.key, {
          reply: { ...work.reply, state: 'sent', withdrawn: true, undoEventId: act.undoEventId },
        })
      else {
        // Words typed here since stay; there are none while a reply stands, unless another tab wrote them.
        write(act.key, { ...work, ...act.before, reply: null, takenBack: [...work.takenBack, act.eventId] })
      }
    } else if (act.kind === 'chosen') write(act.key, { ...work, ...act.before })
    else write(act.key, restore(work, act.eventId))
  }

  function applyRedo(act: Act): void {
    const work = read(act.key)
    const { after } = act
    const takenBack = work.takenBack.filter(id => id !== act.eventId)
    if (act.kind === 'sent') {
      const reply = after?.reply ?? null
      if (!reply) return
      const again = !isGone(reply)
      write(act.key, {
        ...work,
        takenBack,
        text: '',
        chosen: null,
        reply: again
          ? {
              ...reply,
              state: away() ? 'device' : 'waiting',
              until: Date.now() + sendDelayMs,
              undoEventId: null,
            }
          : { ...reply, state: 'sent', withdrawn: false, undoEventId: null },
      })
    } else if (act.kind === 'chosen') {
      write(act.key, { ...work, text: after?.text ?? work.text, chosen: after?.chosen ?? null })
    } else if (act.kind === 'rejected' && act.candidateId) {
      write(act.key, reject(work, { candidateId: act.candidateId, eventId: act.eventId }))
    } else write(act.key, { ...work, dismissed: act.eventId })
  }

  const away = () => outbox.getState().status !== 'flowing'
  const isGone = (reply: OwnReply | null) =>
    reply !== null &&
    (reply.state === 'sent' ||
      (reply.state === 'waiting' && reply.until !== null && reply.until <= Date.now()))

  function receive(delivered: readonly Delivered[]): void {
    for (const item of delivered) {
      const note = (item.request.note ?? {}) as Partial<Note>
      const { key } = note
      if (!key) continue
      if (item.kind === 'exposure') {
        if (key.startsWith('new:')) moveTo({ key, itemId: null } as Thread, item.answer.itemId)
        continue
      }
      const at = works.has(key) ? key : (done.find(a => a.eventId === note.about)?.key ?? key)
      if (item.kind === 'refused') refused(at, item, note)
      else stored(at, item, note)
    }
    tell({ kind: 'stored' })
  }

  function stored(key: string, item: Delivered & { kind: 'event' }, note: Partial<Note>): void {
    const { answer } = item
    const work = [...works.entries()].find(
      ([, w]) => w.reply?.eventId === answer.id || (note.about && w.reply?.eventId === note.about),
    )
    const [at, held] = work ?? [key, read(key)]
    if (
      held.reply &&
      answer.sendAt &&
      (held.reply.eventId === answer.id || held.reply.eventId === note.about)
    ) {
      // It left this device late: its eight seconds begin only now.
      const until = held.reply.state === 'device' ? Date.now() + sendDelayMs : held.reply.until
      patch(at, { reply: { ...held.reply, state: 'waiting', until } })
    }
    if (answer.alreadySent && note.about) {
      const act = [...undone, ...done].find(a => a.eventId === note.about)
      const reply = act?.after?.reply
      if (act && reply && !read(act.key).reply) {
        patch(act.key, {
          text: '',
          chosen: null,
          takenBack: read(act.key).takenBack.filter(id => id !== act.eventId),
          reply: { ...reply, state: 'sent', until: null, withdrawn: true, undoEventId: answer.id },
        })
      }
      tell({ kind: 'already-sent', key: act?.key ?? key })
    }
  }

  /** Puts back what the server did not take, with the words for it, so that nothing looks done that isn't. */
  function refused(key: string, item: Delivered & { kind: 'refused' }, note: Partial<Note>): void {
    if (item.request.kind !== 'event') return
    const { body } = item.request
    const refusal = { code: item.refused.code, detail: item.refused.detail, at: item.refused.at }
    const work = read(key)
    if (work.reply?.eventId === body.id) {
      const { before, text } = work.reply
      write(key, {
        ...work,
        reply: null,
        text: before?.text ?? text,
        chosen: before?.chosen ?? null,
        refusal,
      })
    } else if (body.type === 'undone' && note.about) {
      const act = undone.find(a => a.eventId === note.about)
      if (act) {
        undone = undone.filter(a => a !== act)
        done.push(act)
        applyRedo(act)
      }
      patch(act?.key ?? key, { refusal })
    } else if (body.type !== 'shown') {
      const chosen = work.chosen?.eventId === body.id ? null : work.chosen
      write(key, { ...restore(work, body.id), chosen, refusal })
    }
    done = done.filter(act => act.eventId !== body.id)
    if (body.type !== 'shown') tell({ kind: 'refused', key, detail: refusal.detail })
  }

  outbox.onDelivered(receive)

  return {
    subscribe(listener: () => void) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    getVersion: () => version,
    onNotice(listener: (notice: DeskNotice) => void) {
      noticeListeners.add(listener)
      return () => void noticeListeners.delete(listener)
    },
    read,
    ask,

    /** Brings back what was typed here before a reload; once per thread. */
    load(keys: readonly string[]) {
      let found = false
      for (const key of keys) {
        if (works.has(key)) continue
        const draft = drafts.read(key)
        if (!draft) continue
        found = true
        const work = stale(draft.reply) ? { ...draft, reply: null } : draft
        works.set(key, work.asked === 'asking' ? { ...work, asked: 'no' } : work)
        if (work.reply?.state === 'device') void dropUnlessQueued(key, work.reply.eventId)
        if (work.reply?.before) {
          done.push({
            kind: 'sent',
            key,
            ...work.reply,
            before: work.reply.before,
            after: null,
            candidateId: null,
          })
        }
      }
      if (found) changed()
    },

    /** The server says that a reply is out: its draft has done its work. */
    settle(threads: readonly Thread[]) {
      for (const { key, serverReply } of threads) {
        const { reply } = read(key)
        if (serverReply?.state !== 'sent' || serverReply.eventId !== reply?.eventId || reply.state === 'sent')
          continue
        patch(key, { reply: { ...reply, state: 'sent', until: null } })
      }
    },

    type(key: string, text: string) {
      lastTyped.set(key, performance.now())
      patch(key, { text })
    },

    /** Tells whether the suggestions are in view; half a second of it is `shown`. */
    seen: (key: string, visible: boolean) => sight.set(key, visible, !read(key).shown),

    /** Fills the editor. Gives back the words that were replaced, if they were the person's own. */
    choose(key: string, candidateId: string): string | null {
      const work = read(key)
      const suggestion = findSuggestion(work, candidateId)
      if (!suggestion || !work.answer) return null
      if (work.chosen?.candidateId === candidateId) {
        write(key, choose(work, suggestion, work.chosen.eventId))
        return null
      }
      const first = shownFirst(key)
      const chosen = event(key, work.answer.exposureId, {
        type: 'chosen',
        candidateId,
        visibleMs: visibleMs(key),
      })
      const replaced = work.text.trim() && (!work.chosen || isEdited(work)) ? work.text : null
      did({
        kind: 'chosen',
        key,
        eventId: chosen.body.id,
        exposureId: work.answer.exposureId,
        undoEventId: null,
        before: editorOf(work),
        after: null,
        candidateId,
      })
      write(key, choose(read(key), suggestion, chosen.body.id))
      send([...first, chosen])
      return replaced
    },

    putBack(key: string) {
      const work = read(key)
      const suggestion = findSuggestion(work, work.chosen?.candidateId)
      if (suggestion && work.chosen) write(key, choose(work, suggestion, work.chosen.eventId))
    },

    /** An untouched suggestion makes room for the person's own words. */
    writeOwn(key: string) {
      const work = read(key)
      if (!work.chosen || isEdited(work)) return
      const requests = withdrawChoice(key)
      write(key, read(key))
      send(requests)
    },

    reject(key: string, candidateId: string): Act | null {
      const { answer, chosen } = read(key)
      if (!answer) return null
      const first = shownFirst(key)
      if (chosen?.candidateId === candidateId) first.push(...withdrawChoice(key))
      const rejected = event(key, answer.exposureId, {
        type: 'rejected',
        candidateId,
        visibleMs: visibleMs(key),
      })
      const eventId = rejected.body.id
      const act: Act = {
        kind: 'rejected',
        key,
        eventId,
        exposureId: answer.exposureId,
        undoEventId: null,
        before: editorOf(read(key)),
        after: null,
        candidateId,
      }
      did(act)
      write(key, reject(read(key), { candidateId, eventId }))
      send([...first, rejected])
      return act
    },

    dismiss(key: string): Act | null {
      const { answer, dismissed } = read(key)
      if (!answer?.shown || dismissed) return null
      const first = [...shownFirst(key), ...withdrawChoice(key)]
      const request = event(key, answer.exposureId, { type: 'dismissed', visibleMs: visibleMs(key) })
      const act: Act = {
        kind: 'dismissed',
        key,
        eventId: request.body.id,
        exposureId: answer.exposureId,
        undoEventId: null,
        before: editorOf(read(key)),
        after: null,
        candidateId: null,
      }
      did(act)
      patch(key, { dismissed: act.eventId, refusal: null })
      send([...first, request])
      return act
    },

    send(thread: Thread): Act | null {
      const { key } = thread
      const work = read(key)
      const sending = sendingEvent(work)
      if (!sending) return null
      const opened = work.answer ? null : openAlone(thread, reasonAlone(work))
      const exposureId = work.answer?.exposureId ?? opened?.body.exposureId ?? ''
      const first: OutboxRequest[] = opened ? [opened] : sending.candidateId ? shownFirst(key) : []
      const request = event(key, exposureId, {
        ...sending,
        ...(work.answer?.shown ? { visibleMs: visibleMs(key) } : {}),
      })
      const eventId = request.body.id
      const before = editorOf(work)
      const act: Act = {
        kind: 'sent',
        key,
        eventId,
        exposureId,
        undoEventId: null,
        before,
        after: null,
        candidateId: null,
      }
      did(act)
      write(key, {
        ...read(key),
        text: '',
        chosen: null,
        refusal: null,
        reply: {
          eventId,
          exposureId,
          text: work.text.trim(),
          state: away() ? 'device' : 'waiting',
          until: Date.now() + sendDelayMs,
          withdrawn: false,
          undoEventId: null,
          before,
        },
      })
      send([...first, request])
      return act
    },

    /** What `Z` would take back. */
    latest: (): Act | undefined => done.at(-1),
    latestUndone: (): Act | undefined => undone.at(-1),
    actOf: (eventId: string): Act | undefined => done.find(act => act.eventId === eventId),
    /** True once the reply of an act has gone out: then the person is told first what rests on it. */
    isLate: (act: Act): boolean => act.kind === 'sent' && isGone(read(act.key).reply),

    undo(act: Act) {
      done = done.filter(other => other !== act)
      const request = event(
        act.key,
        act.exposureId,
        { type: 'undone', targetEventId: act.eventId },
        act.eventId,
      )
      act.undoEventId = request.body.id
      applyUndo(act)
      undone.push(act)
      send([request])
    },

    redo(act: Act) {
      if (!act.undoEventId) return
      undone = undone.filter(other => other !== act)
      const request = event(
        act.key,
        act.exposureId,
        { type: 'redone', targetEventId: act.undoEventId },
        act.eventId,
      )
      applyRedo(act)
      act.undoEventId = null
      done.push(act)
      send([request])
    },

    /** A reply from before this page was opened, as an act that can be undone. */
    async adopt(key: string, reply: OwnReply): Promise<Act> {
      const known = done.find(act => act.eventId === reply.eventId)
      if (known) return known
      const exposureId = reply.exposureId || (await findExposureOf(client, path, reply.eventId))
      const act: Act = {
        kind: 'sent',
        key,
        eventId: reply.eventId,
        exposureId,
        undoEventId: null,
        before: { text: reply.text, chosen: null },
        after: null,
        candidateId: null,
      }
      write(key, { ...read(key), reply: { ...reply, exposureId, before: act.before } })
      done.push(act)
      return act
    },

    /** Undo of anything from the history, in step with what this page knows of it. Gives back the undo's id. */
    undoEvent(past: PastEvent): string {
      const act = done.find(a => a.eventId === past.eventId)
      if (act) {
        this.undo(act)
        return act.undoEventId ?? ''
      }
      const request = event(
        past.itemId,
        past.exposureId,
        { type: 'undone', targetEventId: past.eventId },
        past.eventId,
      )
      const work = read(past.itemId)
      patch(past.itemId, { takenBack: [...work.takenBack, past.eventId] })
      send([request])
      return request.body.id
    },

    redoEvent(past: PastEvent, undoEventId: string) {
      const act = undone.find(a => a.eventId === past.eventId)
      if (act) return this.redo(act)
      const work = read(past.itemId)
      patch(past.itemId, { takenBack: work.takenBack.filter(id => id !== past.eventId) })
      send([
        event(past.itemId, past.exposureId, { type: 'redone', targetEventId: undoEventId }, past.eventId),
      ])
    },

    dropRefusal(key: string) {
      const { refusal } = read(key)
      if (refusal?.at !== undefined) void outbox.discard(refusal.at)
      patch(key, { refusal: null })
    },

    /** After an erasure: nothing of it stays in the page. */
    forget() {
      works.clear()
      drafts.clear()
      done = []
      undone = []
      changed()
    },
  }
}

function clientTimes() {
  return { clientTime: new Date().toISOString(), clientMonotonicMs: performance.now() }
}
