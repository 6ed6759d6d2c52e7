import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { agreementOf, foldEntry, type ReviewFoldEvent, reviewEventTypes, verdicts } from './review'

let counter = 0
const event = (type: ReviewFoldEvent['type'], more: Partial<ReviewFoldEvent> = {}): ReviewFoldEvent => {
  counter += 1
  return {
    id: `e${counter}`,
    type,
    actorId: 'ann',
    targetEventId: null,
    verdicts: [],
    contentId: null,
    contentHash: null,
    textCount: 0,
    reason: null,
    specificationVersion: 1,
    seq: counter,
    serverMicros: counter * 1000,
    ...more,
  }
}
const says = (...said: ('good' | 'usable' | 'wrong')[]) => ({
  verdicts: said.map((verdict, i) => ({ candidateId: `c${i}`, verdict, reasons: [] })),
})

describe('a resolution', () => {
  it('holds every candidate that was judged good and every text that was written', () => {
    const log = [
      event('submitted', { ...says('good', 'usable', 'good', 'wrong'), contentId: 'w', textCount: 2 }),
    ]
    expect(foldEntry(log, 1).resolution?.values).toEqual([
      { origin: 'suggestion', candidateId: 'c0', verdict: 'good' },
      { origin: 'suggestion', candidateId: 'c2', verdict: 'good' },
      { origin: 'written', contentId: 'w', index: 0, verdict: 'good' },
      { origin: 'written', contentId: 'w', index: 1, verdict: 'good' },
    ])
  })
  it('falls back on what is usable, and may hold nothing', () => {
    const values = (...said: ('good' | 'usable' | 'wrong')[]) =>
      foldEntry([event('submitted', says(...said))], 1).resolution?.values
    expect(values('wrong', 'usable')).toEqual([
      { origin: 'suggestion', candidateId: 'c1', verdict: 'usable' },
    ])
    expect(values('wrong', 'wrong')).toEqual([])
  })
  it('waits for as many answers as were asked for, and takes what more people call good than wrong', () => {
    const log = [
      event('submitted', { actorId: 'ann', ...says('good', 'good') }),
      event('submitted', { actorId: 'bob', ...says('good', 'wrong') }),
    ]
    expect(foldEntry(log.slice(0, 1), 2).resolution).toBeNull()
    expect(foldEntry(log, 2).resolution).toMatchObject({
      values: [{ candidateId: 'c0', verdict: 'good' }],
      agreement: 0.5,
      resolvedMicros: log[1]?.serverMicros,
    })
  })
  it('measures agreement over pairs of people and candidates, by hand: 3 of 6', () => {
    expect(agreementOf([says('good', 'wrong'), says('good', 'usable'), says('good', 'good')])).toBe(0.5)
    expect(agreementOf([says('good')])).toBeNull()
  })
})

describe('undo and redo', () => {
  it('take back, bring back, and change nothing twice', () => {
    const submitted = event('submitted', says('good'))
    const undo = event('undone', { targetEventId: submitted.id })
    const again = event('undone', { targetEventId: submitted.id })
    const redo = event('redone', { targetEventId: undo.id })
    expect(foldEntry([submitted, undo], 1)).toMatchObject({ answers: [], resolution: null })
    const folded = foldEntry([submitted, undo, again, redo], 1)
    expect(folded.answers).toMatchObject([{ eventId: submitted.id, standsSinceMicros: redo.serverMicros }])
    expect([...folded.idle]).toEqual([again.id])
    expect(folded.acts.get(submitted.id)).toEqual({ standing: 'active', undoEventId: null })
  })
  it('never leave one person with two answers', () => {
    const first = event('submitted', says('good'))
    const undo = event('undone', { targetEventId: first.id })
    const second = event('submitted', says('wrong'))
    const redo = event('redone', { targetEventId: undo.id })
    const folded = foldEntry([first, undo, second, redo], 1)
    expect(folded.answers.map(a => a.eventId)).toEqual([second.id])
    expect(folded.idle).toContain(redo.id)
  })
  it('give a skipped item back to the person', () => {
    const skip = event('skipped')
    expect(foldEntry([skip], 1).passes).toEqual([{ actorId: 'ann', eventId: skip.id, flagged: false }])
    expect(foldEntry([skip, event('undone', { targetEventId: skip.id })], 1).passes).toEqual([])
  })
})

/** Logs of three people whose undos and redos name anything that came before. */
const logs = fc
  .array(
    fc.record({
      type: fc.constantFrom(...reviewEventTypes),
      actorId: fc.constantFrom('ann', 'bob', 'cyn'),
      target: fc.nat(),
      said: fc.array(fc.constantFrom(...verdicts), { maxLength: 3 }),
      textCount: fc.nat({ max: 2 }),
    }),
    { maxLength: 14 },
  )
  .map(acts =>
    acts.map(({ target, said, ...act }, at) =>
      event(act.type, {
        ...act,
        ...says(...said),
        id: `l${at}`,
        seq: at,
        contentId: act.textCount > 0 ? `w${at}` : null,
        targetEventId: at > 0 && (act.type === 'undone' || act.type === 'redone') ? `l${target % at}` : null,
      }),
    ),
  )
const state = (log: readonly ReviewFoldEvent[], overlap: number) => {
  const { answers, passes, resolution } = foldEntry(log, overlap)
  return {
    answers: answers.map(({ standsSinceMicros: _, ...answer }) => answer),
    passes,
    resolution: resolution && { ...resolution, resolvedMicros: 0 },
  }
}

describe('whatever was done', () => {
  it('undoing the last act restores what was before it', () => {
    fc.assert(
      fc.property(
        logs,
        fc.integer({ min: 1, max: 3 }),
        fc.constantFrom('submitted', 'skipped', 'flagged'),
        (log, overlap, type) => {
          // A person who has done nothing here yet: their act always stands.
          const act = event(type as 'submitted', { actorId: 'dan', ...says('good') })
          const undo = event('undone', { actorId: 'dan', targetEventId: act.id })
          expect(state([...log, act, undo], overlap)).toEqual(state(log, overlap))
          const redo = event('redone', { actorId: 'dan', targetEventId: undo.id })
          expect(state([...log, act, undo, redo], overlap)).toEqual(state([...log, act], overlap))
        },
      ),
    )
  })
  it('the order of arrival in the log decides, not the order in which rows are read', () => {
    fc.assert(
      fc.property(logs, fc.integer({ min: 1, max: 3 }), (log, overlap) => {
        expect(state([...log].reverse(), overlap)).toEqual(state(log, overlap))
      }),
    )
  })
  it('nobody has two answers, and it is resolved exactly when enough people answered', () => {
    fc.assert(
      fc.property(logs, fc.integer({ min: 1, max: 3 }), (log, overlap) => {
        const { answers, resolution, acts } = foldEntry(log, overlap)
        expect(new Set(answers.map(a => a.actorId)).size).toBe(answers.length)
        expect(resolution !== null).toBe(answers.length >= overlap)
        for (const { eventId } of answers) expect(acts.get(eventId)?.standing).toBe('active')
      }),
    )
  })
})
