import type { FeedbackEventInput } from '@/contract/v1/feedback'
import type { Client } from '@/sdk/client'
import type { EventSession } from '@/sdk/event-stamp'
import { newId } from '@/sdk/new-id'
import type { Outbox, OutboxRequest } from '@/sdk/outbox'
import { createAnswers } from './desk-answers'
import { createAsking } from './desk-asking'
import { type Act, createDeskState, type Note, type PastEvent } from './desk-state'
import { createUndo, isGone, sendDelayMs } from './desk-undo'
import type { Drafts } from './drafts'
import { findExposureOf } from './find-exposure'
import {
  choose,
  findSuggestion,
  isEdited,
  type OwnReply,
  reject,
  sendingEvent,
  type Thread,
  unchoose,
  type Work,
} from './thread-work'
import { createVisibleTime } from './visible-time'

export interface DeskOptions {
  slug: string
  client: Client
  /** Gives up early: a person never waits for a suggestion. */
  suggestClient: Client
  outbox: Outbox
  session: EventSession
  drafts: Drafts
}

export type Desk = ReturnType<typeof createDesk>

/**
 * The work of one person in their threads: what is suggested, typed, chosen, sent and taken back. It draws at once,
 * hands events to the outbox, and puts right what the server answers later. Knows nothing of React.
 */
export function createDesk({ slug, client, suggestClient, outbox, session, drafts }: DeskOptions) {
  const path = `/projects/${encodeURIComponent(slug)}`
  const state = createDeskState(drafts)
  const sight = createVisibleTime(key => {
    const requests = shownFirst(key)
    if (requests.length === 0) return
    drafts.write(key, state.read(key))
    send(requests)
  })
  const { visibleMs } = sight
  const { sessionId } = session
  const asking = createAsking({
    state,
    path,
    client: suggestClient,
    outbox,
    sessionId,
    onFresh: sight.forget,
  })
  const away = () => outbox.getState().status !== 'flowing'
  const { applyUndo, applyRedo } = createUndo(state, away)
  const { receive, hold } = createAnswers({ state, moveTo: asking.moveTo, applyRedo })
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
    const work = state.read(key)
    if (work.shown || !work.answer?.shown) return []
    state.put(key, { ...work, shown: true })
    return [event(key, work.answer.exposureId, { type: 'shown', visibleMs: visibleMs(key) })]
  }
  const send = (requests: OutboxRequest[]) => {
    for (const { kind, body, note } of requests) {
      if (kind !== 'event') continue
      if (body.type === 'undone' && body.targetEventId) state.taught(body.targetEventId, false)
      const { about } = (note ?? {}) as Partial<Note>
      if (body.type === 'redone' && about) state.taught(about, true)
    }
    void outbox.add(requests)
  }
  /** What was just taught is suggested at once, also in threads that were opened before. */
  async function spread(exposureId: string): Promise<void> {
    const { itemIds } = await client.request<{ itemIds: string[] }>(
      'GET',
      `${path}/exposures/${exposureId}/similar`,
    )
    state.askAgain(itemIds)
  }
  /** Takes the choice back in the log too, where something else is decided about the suggestions. */
  const withdrawChoice = (key: string): OutboxRequest[] => {
    const work = state.read(key)
    if (!work.chosen || !work.answer) return []
    const { eventId } = work.chosen
    state.forgetAct(eventId)
    state.put(key, unchoose(work))
    return [event(key, work.answer.exposureId, { type: 'undone', targetEventId: eventId }, eventId)]
  }

  /** A draft from long ago: by now the server knows better what became of the reply. */
  function stale(reply: OwnReply | null): boolean {
    return reply?.state === 'waiting' && (reply.until ?? 0) < Date.now() - sendDelayMs
  }

  async function dropUnlessQueued(key: string, eventId: string): Promise<void> {
    const queued = await outbox.list()
    if (queued.some(request => request.kind === 'event' && request.body.id === eventId)) return
    if (state.read(key).reply?.eventId === eventId && state.read(key).reply?.state === 'device')
      state.patch(key, { reply: null })
  }

  let wasAway = away()
  outbox.subscribe(() => {
    if (away() && !wasAway) void outbox.list().then(hold)
    wasAway = away()
  })
  outbox.onDelivered(delivered => {
    receive(delivered)
    for (const { kind, request } of delivered)
      if (
        kind === 'event' &&
        request.kind === 'event' &&
        ['corrected', 'written'].includes(request.body.type)
      )
        // Without an answer the suggestions stay as they were.
        void spread(request.body.exposureId).catch(() => {})
  })

  return {
    subscribe: state.subscribe,
    getVersion: state.getVersion,
    onNotice: state.onNotice,
    read: state.read,
    ask: asking.ask,

    /** Brings back what was typed here before a reload; once per thread. */
    load(keys: readonly string[]) {
      let found = false
      for (const key of keys) {
        if (state.has(key)) continue
        const draft = drafts.read(key)
        if (!draft) continue
        found = true
        const work = stale(draft.reply) ? { ...draft, reply: null } : draft
        state.put(key, work.asked === 'asking' ? { ...work, asked: 'no' } : work)
        if (work.reply?.state === 'device') void dropUnlessQueued(key, work.reply.eventId)
        if (work.reply?.before) {
          const { eventId, exposureId, before } = work.reply
          state.remember(newAct('sent', key, eventId, exposureId, before))
        }
      }
      if (found) state.changed()
    },

    /** The server says that a reply is out: its draft has done its work. */
    settle(threads: readonly Thread[]) {
      for (const { key, serverReply } of threads) {
        const { reply } = state.read(key)
        if (serverReply?.state !== 'sent' || serverReply.eventId !== reply?.eventId || reply.state === 'sent')
          continue
        state.patch(key, { reply: { ...reply, state: 'sent', until: null } })
      }
    },

    type(key: string, text: string) {
      asking.typed(key)
      state.patch(key, { text })
    },

    /** Tells whether the suggestions are in view; half a second of it is `shown`. */
    seen: (key: string, visible: boolean) => sight.set(key, visible, !state.read(key).shown),

    /** Fills the editor. Gives back the words that were replaced, if they were the person's own. */
    choose(key: string, candidateId: string): string | null {
      const work = state.read(key)
      const suggestion = findSuggestion(work, candidateId)
      if (!suggestion || !work.answer) return null
      if (work.chosen?.candidateId === candidateId) {
        state.write(key, choose(work, suggestion, work.chosen.eventId))
        return null
      }
      const first = shownFirst(key)
      const chosen = event(key, work.answer.exposureId, {
        type: 'chosen',
        candidateId,
        visibleMs: visibleMs(key),
      })
      const replaced = work.text.trim() && (!work.chosen || isEdited(work)) ? work.text : null
      state.did(newAct('chosen', key, chosen.body.id, work.answer.exposureId, editorOf(work), candidateId))
      state.write(key, choose(state.read(key), suggestion, chosen.body.id))
      send([...first, chosen])
      return replaced
    },

    putBack(key: string) {
      const work = state.read(key)
      const suggestion = findSuggestion(work, work.chosen?.candidateId)
      if (suggestion && work.chosen) state.write(key, choose(work, suggestion, work.chosen.eventId))
    },

    /** An untouched suggestion makes room for the person's own words. */
    writeOwn(key: string) {
      const work = state.read(key)
      if (!work.chosen || isEdited(work)) return
      const requests = withdrawChoice(key)
      state.write(key, state.read(key))
      send(requests)
    },

    reject(key: string, candidateId: string): Act | null {
      const { answer, chosen } = state.read(key)
      if (!answer) return null
      const first = shownFirst(key)
      if (chosen?.candidateId === candidateId) first.push(...withdrawChoice(key))
      const rejected = event(key, answer.exposureId, {
        type: 'rejected',
        candidateId,
        visibleMs: visibleMs(key),
      })
      const eventId = rejected.body.id
      const act: Act = newAct(
        'rejected',
        key,
        eventId,
        answer.exposureId,
        editorOf(state.read(key)),
        candidateId,
      )
      state.did(act)
      state.write(key, reject(state.read(key), { candidateId, eventId }))
      send([...first, rejected])
      return act
    },

    dismiss(key: string): Act | null {
      const { answer, dismissed } = state.read(key)
      if (!answer?.shown || dismissed) return null
      const first = [...shownFirst(key), ...withdrawChoice(key)]
      const request = event(key, answer.exposureId, { type: 'dismissed', visibleMs: visibleMs(key) })
      const act: Act = newAct('dismissed', key, request.body.id, answer.exposureId, editorOf(state.read(key)))
      state.did(act)
      state.patch(key, { dismissed: act.eventId, refusal: null })
      send([...first, request])
      return act
    },

    send(thread: Thread): Act | null {
      const { key } = thread
      const work = state.read(key)
      const sending = sendingEvent(work)
      if (!sending) return null
      const opened = work.answer ? null : asking.openAlone(thread)
      const exposureId = work.answer?.exposureId ?? opened?.body.exposureId ?? ''
      const first: OutboxRequest[] = opened ? [opened] : sending.candidateId ? shownFirst(key) : []
      const request = event(key, exposureId, {
        ...sending,
        ...(work.answer?.shown ? { visibleMs: visibleMs(key) } : {}),
      })
      const eventId = request.body.id
      const before = editorOf(work)
      const act: Act = newAct('sent', key, eventId, exposureId, before)
      state.did(act)
      state.write(key, {
        ...state.read(key),
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
    latest: (): Act | undefined => state.done().at(-1),
    latestUndone: (): Act | undefined => state.undone().at(-1),
    actOf: (eventId: string): Act | undefined => state.done().find(act => act.eventId === eventId),
    /** True once the reply of an act has gone out: then the person is told first what rests on it. */
    isLate: (act: Act): boolean => act.kind === 'sent' && isGone(state.read(act.key).reply),

    undo(act: Act) {
      const request = event(
        act.key,
        act.exposureId,
        { type: 'undone', targetEventId: act.eventId },
        act.eventId,
      )
      act.undoEventId = request.body.id
      applyUndo(act)
      state.takeBack(act)
      send([request])
    },

    redo(act: Act) {
      if (!act.undoEventId) return
      const request = event(
        act.key,
        act.exposureId,
        { type: 'redone', targetEventId: act.undoEventId },
        act.eventId,
      )
      applyRedo(act)
      act.undoEventId = null
      state.bringBack(act)
      send([request])
    },

    /** A reply from before this page was opened, as an act that can be undone. */
    async adopt(key: string, reply: OwnReply): Promise<Act> {
      const known = state.done().find(act => act.eventId === reply.eventId)
      if (known) return known
      const exposureId = reply.exposureId || (await findExposureOf(client, path, reply.eventId))
      const act: Act = newAct('sent', key, reply.eventId, exposureId, { text: reply.text, chosen: null })
      state.write(key, { ...state.read(key), reply: { ...reply, exposureId, before: act.before } })
      state.remember(act)
      return act
    },

    /** Undo of anything from the history, in step with what this page knows of it. Gives back the undo's id. */
    undoEvent(past: PastEvent): string {
      const act = state.done().find(a => a.eventId === past.eventId)
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
      // A reply that went out stays in its thread, withdrawn.
      if (!past.sent) {
        const { takenBack } = state.read(past.itemId)
        state.patch(past.itemId, { takenBack: [...takenBack, past.eventId] })
      }
      send([request])
      return request.body.id
    },

    redoEvent(past: PastEvent, undoEventId: string) {
      const act = state.undone().find(a => a.eventId === past.eventId)
      if (act) return this.redo(act)
      const work = state.read(past.itemId)
      state.patch(past.itemId, { takenBack: work.takenBack.filter(id => id !== past.eventId) })
      send([
        event(past.itemId, past.exposureId, { type: 'redone', targetEventId: undoEventId }, past.eventId),
      ])
    },

    dropRefusal(key: string) {
      const { refusal } = state.read(key)
      if (refusal?.at !== undefined) void outbox.discard(refusal.at)
      state.patch(key, { refusal: null })
    },

    /** After an erasure: nothing of it stays in the page. */
    forget: state.forgetAll,
  }
}

function newAct(
  kind: Act['kind'],
  key: string,
  eventId: string,
  exposureId: string,
  before: Act['before'],
  candidateId: string | null = null,
): Act {
  return { kind, key, eventId, exposureId, undoEventId: null, before, after: null, candidateId }
}
