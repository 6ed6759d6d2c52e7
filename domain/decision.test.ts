import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { foldEvents, openDecision, projectDecision } from './decision'
import type { EventType, FoldEvent } from './feedback-event'

let nextSeq = 0
function event(id: string, type: EventType, more: Partial<FoldEvent> = {}): FoldEvent {
  nextSeq += 1
  return {
    id,
    type,
    sessionId: 's',
    clientSeq: nextSeq,
    seq: nextSeq,
    targetEventId: null,
    candidateId: null,
    serverMicros: nextSeq * 1_000_000,
    sendAtMicros: null,
    afterContentId: null,
    afterHash: null,
    reason: null,
    rating: null,
    ...more,
  }
}
const sends = (id: string, type: EventType, more: Partial<FoldEvent> = {}) => {
  const e = event(id, type, more)
  return { ...e, sendAtMicros: e.serverMicros + 8_000_000 }
}
const decide = (events: FoldEvent[]) => foldEvents(events, true).decision

describe('given suggestions were shown', () => {
  it('when nothing was decided, then it is open', () => {
    expect(decide([])).toEqual(openDecision)
    expect(decide([event('a', 'shown')])).toEqual({ ...openDecision, shown: true })
  })

  it('when one is chosen and sent, then it is accepted, and the choice alone settles nothing', () => {
    const log = [event('a', 'shown'), event('b', 'chosen', { candidateId: 'c1' })]
    expect(decide(log)).toMatchObject({ state: 'open', chosenCandidateId: 'c1' })
    expect(decide([...log, sends('c', 'accepted', { candidateId: 'c1' })])).toMatchObject({
      state: 'accepted',
      eventId: 'c',
      candidateId: 'c1',
    })
  })

  it('when a decision is undone, then the one before it stands again', () => {
    const log = [event('a', 'shown'), event('b', 'dismissed'), sends('c', 'written', { afterContentId: 'w' })]
    expect(decide(log).state).toBe('written')
    expect(decide([...log, event('d', 'undone', { targetEventId: 'c' })])).toEqual(decide(log.slice(0, 2)))
  })

  it('when it is undone twice, then the second changes nothing, and one redo brings it back', () => {
    const log = [event('a', 'shown'), sends('b', 'accepted', { candidateId: 'c1' })]
    const undone = [
      ...log,
      event('u1', 'undone', { targetEventId: 'b' }),
      event('u2', 'undone', { targetEventId: 'b' }),
    ]
    expect(foldEvents(undone, true).standing.get('u2')).toBe('no_op')
    expect(decide(undone)).toMatchObject({ state: 'open', eventId: null })
    expect(decide([...undone, event('r', 'redone', { targetEventId: 'u1' })])).toEqual(decide(log))
  })

  it('when an undo is undone, then that is a no-op', () => {
    const log = [event('a', 'shown'), event('b', 'dismissed'), event('u', 'undone', { targetEventId: 'b' })]
    const folded = foldEvents([...log, event('uu', 'undone', { targetEventId: 'u' })], true)
    expect(folded.standing.get('uu')).toBe('no_op')
    expect(folded.decision.state).toBe('open')
  })

  it('when a decision arrives before its shown, then it waits and counts once the shown is there', () => {
    const accepted = sends('b', 'accepted', { candidateId: 'c1', clientSeq: 2, seq: 10 })
    expect(foldEvents([accepted], true)).toMatchObject({ decision: { state: 'open' } })
    expect(foldEvents([accepted], true).standing.get('b')).toBe('pending')
    const shown = event('a', 'shown', { clientSeq: 1, seq: 11 })
    expect(decide([accepted, shown]).state).toBe('accepted')
  })

  it('when an undo arrives before what it undoes, then it waits for it', () => {
    const undo = event('u', 'undone', { targetEventId: 'b', sessionId: 'other', clientSeq: 1 })
    expect(foldEvents([undo], true).standing.get('u')).toBe('pending')
    const log = [undo, event('a', 'shown'), event('b', 'dismissed')]
    expect(decide(log).state).toBe('open')
    expect(foldEvents(log, true).standing.get('b')).toBe('undone')
  })

  it('when one chip is rejected, then it is rejected until something settles it, and own text does', () => {
    const log = [event('a', 'shown'), event('b', 'rejected', { candidateId: 'c2' })]
    expect(decide(log)).toMatchObject({ state: 'rejected', rejectedCandidateIds: ['c2'] })
    expect(decide([...log, sends('c', 'written', { afterContentId: 'w' })])).toMatchObject({
      state: 'written',
      rejectedCandidateIds: ['c2'],
    })
  })

  it('when nobody decided in time, then ignored stands only until somebody does', () => {
    const log = [event('a', 'shown'), event('i', 'ignored', { sessionId: 'server', clientSeq: 0 })]
    expect(decide(log).state).toBe('ignored')
    expect(decide([...log, event('b', 'dismissed')]).state).toBe('dismissed')
  })
})

describe('given no suggestion was shown', () => {
  it('when own text is sent, then it counts without a shown', () => {
    expect(foldEvents([sends('a', 'written', { afterContentId: 'w' })], false).decision.state).toBe('written')
  })
})

describe('a text on its way', () => {
  const press = 1_000_000_000_000
  const sent = event('b', 'accepted', {
    candidateId: 'c1',
    clientSeq: 2,
    seq: 2,
    serverMicros: press,
    sendAtMicros: press + 8_000_000,
  })
  const shown = event('a', 'shown', { clientSeq: 1, seq: 1 })
  const undo = (micros: number) =>
    event('u', 'undone', { targetEventId: 'b', clientSeq: 3, seq: 3, serverMicros: micros })

  it('is cancelled by an undo before its time and not by one after it', () => {
    expect(foldEvents([shown, sent, undo(press + 7_999_999)], true).deliveries).toEqual([
      { eventId: 'b', sendAtMicros: press + 8_000_000, cancelledAtMicros: press + 7_999_999 },
    ])
    expect(foldEvents([shown, sent, undo(press + 8_000_000)], true).deliveries).toEqual([
      { eventId: 'b', sendAtMicros: press + 8_000_000, cancelledAtMicros: null },
    ])
  })

  it('goes out again after a redo only if it had been cancelled', () => {
    const redo = (at: number) =>
      event('r', 'redone', {
        targetEventId: 'u',
        clientSeq: 4,
        seq: 4,
        serverMicros: at,
        sendAtMicros: at + 8_000_000,
      })
    expect(foldEvents([shown, sent, undo(press + 1), redo(press + 2)], true).deliveries).toHaveLength(2)
    expect(
      foldEvents([shown, sent, undo(press + 9_000_000), redo(press + 9_000_001)], true).deliveries,
    ).toHaveLength(1)
  })
})

/** One client session of plausible acts; each undo or redo names something earlier. */
const sessionLog = fc
  .array(fc.record({ kind: fc.nat(8), pick: fc.nat(20) }), { minLength: 1, maxLength: 14 })
  .map(steps => {
    const log: FoldEvent[] = [event('e0', 'shown', { clientSeq: 0, seq: 0 })]
    steps.forEach(({ kind, pick }, i) => {
      const common = { clientSeq: i + 1, seq: i + 1, candidateId: `c${pick % 3}`, afterContentId: `w${i}` }
      const types: EventType[] = ['chosen', 'accepted', 'corrected', 'written', 'rejected', 'dismissed']
      const undos = log.filter(e => e.type === 'undone')
      if (kind < 6) log.push(sends(`e${i + 1}`, types[kind] ?? 'chosen', common))
      else if (kind === 6 && undos.length > 0) {
        log.push(
          event(`e${i + 1}`, 'redone', { ...common, targetEventId: undos[pick % undos.length]?.id ?? null }),
        )
      } else
        log.push(
          event(`e${i + 1}`, 'undone', { ...common, targetEventId: log[pick % log.length]?.id ?? null }),
        )
    })
    return log
  })

describe('for any log', () => {
  it('any order of delivery within a session gives the same decision', () => {
    fc.assert(
      fc.property(
        sessionLog.chain(log =>
          fc.tuple(fc.constant(log), fc.shuffledSubarray(log, { minLength: log.length })),
        ),
        ([log, shuffled]) => {
          const arrived = shuffled.map((e, i) => ({ ...e, seq: 1000 + i }))
          expect(foldEvents(arrived, true).decision).toEqual(foldEvents(log, true).decision)
        },
      ),
    )
  })

  it('undo gives back the exact earlier decision, and redo the later one', () => {
    fc.assert(
      fc.property(sessionLog, log => {
        const last = log.at(-1)
        if (!last || last.type === 'undone' || last.type === 'redone' || last.type === 'shown') return
        const before = foldEvents(log.slice(0, -1), true).decision
        const after = foldEvents(log, true).decision
        const undone = [...log, event('U', 'undone', { targetEventId: last.id, clientSeq: 100, seq: 100 })]
        expect(foldEvents(undone, true).decision).toEqual(before)
        const redone = [...undone, event('R', 'redone', { targetEventId: 'U', clientSeq: 101, seq: 101 })]
        expect(foldEvents(redone, true).decision).toEqual(after)
      }),
    )
  })

  it('every event has a standing, and what is undone settles nothing', () => {
    fc.assert(
      fc.property(sessionLog, log => {
        const { standing, eventId, pendingCount } = projectDecision(log, true)
        expect(standing.size).toBe(log.length)
        expect(pendingCount).toBe(0)
        if (eventId) expect(standing.get(eventId)).toBe('active')
      }),
    )
  })
})
