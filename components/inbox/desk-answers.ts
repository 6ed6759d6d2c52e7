import type { Delivered, OutboxRequest } from '@/sdk/outbox'
import type { Act, DeskState, Note } from './desk-state'
import { sendDelayMs } from './desk-undo'
import { restore, type Thread } from './thread-work'

interface Options {
  state: DeskState
  moveTo: (thread: Pick<Thread, 'key' | 'itemId'>, itemId: string) => string
  applyRedo: (act: Act) => void
}

/** Puts right on the desk what the server answered later. */
export function createAnswers({ state, moveTo, applyRedo }: Options) {
  function receive(delivered: readonly Delivered[]): void {
    const eventIds: string[] = []
    for (const item of delivered) {
      const note = (item.request.note ?? {}) as Partial<Note>
      const { key } = note
      if (!key || item.kind === 'review') continue
      if (item.kind === 'exposure') {
        if (key.startsWith('new:')) moveTo({ key, itemId: null }, item.answer.itemId)
        continue
      }
      const at = state.has(key) ? key : (state.done().find(a => a.eventId === note.about)?.key ?? key)
      if (item.kind === 'refused') refused(at, item, note)
      else {
        const left = stored(at, item, note)
        if (left) eventIds.push(left)
      }
    }
    const standing = eventIds.filter(id => state.findByReply(reply => reply.eventId === id))
    if (standing.length > 0) state.tell({ kind: 'delivered', eventIds: standing })
    state.tell({ kind: 'stored' })
  }

  /** Gives back the event of a reply that has just left this device. */
  function stored(key: string, item: Delivered & { kind: 'event' }, note: Partial<Note>): string | null {
    const { answer } = item
    const at = state.findByReply(reply => reply.eventId === answer.id || reply.eventId === note.about)
    const reply = at === undefined ? null : state.read(at).reply
    const left = reply?.state === 'device' && answer.sendAt ? reply.eventId : null
    if (at !== undefined && reply && answer.sendAt) {
      // It left this device late: its eight seconds begin only now.
      const until = reply.state === 'device' ? Date.now() + sendDelayMs : reply.until
      state.patch(at, { reply: { ...reply, state: 'waiting', until } })
    }
    if (answer.alreadySent && note.about) {
      const act = [...state.undone(), ...state.done()].find(a => a.eventId === note.about)
      const before = act?.after?.reply
      if (act && before && !state.read(act.key).reply) {
        state.patch(act.key, {
          text: '',
          chosen: null,
          takenBack: state.read(act.key).takenBack.filter(id => id !== act.eventId),
          reply: { ...before, state: 'sent', until: null, withdrawn: true, undoEventId: answer.id },
        })
      }
      state.tell({ kind: 'already-sent', key: act?.key ?? key })
    }
    return left
  }

  /** Puts back what the server did not take, with the words for it, so that nothing looks done that isn't. */
  function refused(key: string, item: Delivered & { kind: 'refused' }, note: Partial<Note>): void {
    if (item.request.kind !== 'event') return
    const { body } = item.request
    const refusal = { code: item.refused.code, detail: item.refused.detail, at: item.refused.at }
    const work = state.read(key)
    if (work.reply?.eventId === body.id) {
      const { before, text } = work.reply
      state.write(key, {
        ...work,
        reply: null,
        text: before?.text ?? text,
        chosen: before?.chosen ?? null,
        refusal,
      })
    } else if (body.type === 'undone' && note.about) {
      const act = state.undone().find(a => a.eventId === note.about)
      if (act) {
        state.bringBack(act)
        applyRedo(act)
      }
      state.patch(act?.key ?? key, { refusal })
    } else if (body.type !== 'shown') {
      const chosen = work.chosen?.eventId === body.id ? null : work.chosen
      state.write(key, { ...restore(work, body.id), chosen, refusal })
    }
    state.forgetAct(body.id)
    if (body.type !== 'shown') state.tell({ kind: 'refused', key, detail: refusal.detail })
  }

  /** What is still queued when the way to the server is gone does not count down: it waits here, and says so. */
  function hold(queued: readonly OutboxRequest[]): void {
    const eventIds: string[] = []
    for (const request of queued) {
      if (request.kind !== 'event') continue
      const { about } = (request.note ?? {}) as Partial<Note>
      const at = state.findByReply(reply => reply.eventId === request.body.id || reply.eventId === about)
      const reply = at === undefined ? null : state.read(at).reply
      if (at === undefined || reply?.state !== 'waiting') continue
      state.patch(at, { reply: { ...reply, state: 'device' } })
      eventIds.push(reply.eventId)
    }
    if (eventIds.length > 0) state.tell({ kind: 'held', eventIds })
  }

  return { receive, hold }
}
