import type { Act, DeskState } from './desk-state'
import { type OwnReply, reject, restore } from './thread-work'

/** How long a reply waits before the server sends it; the server's own clock decides. */
export const sendDelayMs = 8_000

/** Draws an act as taken back, or as done again: each gives back exactly what was there. */
export function createUndo(state: DeskState, away: () => boolean) {
  function applyUndo(act: Act): void {
    const work = state.read(act.key)
    act.after = { text: work.text, chosen: work.chosen, reply: work.reply }
    if (act.kind === 'sent') {
      const late = isGone(work.reply)
      if (late && work.reply)
        state.patch(act.key, {
          reply: { ...work.reply, state: 'sent', withdrawn: true, undoEventId: act.undoEventId },
        })
      else {
        // Words typed here since stay; there are none while a reply stands, unless another tab wrote them.
        state.write(act.key, {
          ...work,
          ...act.before,
          reply: null,
          takenBack: [...work.takenBack, act.eventId],
        })
      }
    } else if (act.kind === 'chosen') state.write(act.key, { ...work, ...act.before })
    else state.write(act.key, restore(work, act.eventId))
  }

  function applyRedo(act: Act): void {
    const work = state.read(act.key)
    const { after } = act
    const takenBack = work.takenBack.filter(id => id !== act.eventId)
    if (act.kind === 'sent') {
      const reply = after?.reply ?? null
      if (!reply) return
      const again = !isGone(reply)
      state.write(act.key, {
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
      state.write(act.key, { ...work, text: after?.text ?? work.text, chosen: after?.chosen ?? null })
    } else if (act.kind === 'rejected' && act.candidateId) {
      state.write(act.key, reject(work, { candidateId: act.candidateId, eventId: act.eventId }))
    } else state.write(act.key, { ...work, dismissed: act.eventId })
  }

  return { applyUndo, applyRedo }
}

/** Whether a reply went out, as far as this device can tell. */
export function isGone(reply: OwnReply | null): boolean {
  if (reply === null) return false
  return (
    reply.state === 'sent' || (reply.state === 'waiting' && reply.until !== null && reply.until <= Date.now())
  )
}
