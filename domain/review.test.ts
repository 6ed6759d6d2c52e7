import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  agreementOf,
  annotatorEventTypes,
  type EntryPolicy,
  foldEntry as foldWith,
  type ReviewFoldEvent,
  verdicts,
} from './review'

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
    blind: false,
    preference: null,
    picks: [],
    posterior: null,
    simulated: false,
    seq: counter,
    serverMicros: counter * 1000,
    ...more,
  }
}
const foldEntry = (log: readonly ReviewFoldEvent[], overlap: number, policy: Partial<EntryPolicy> = {}) =>
  foldWith(log, { kind: 'review', overlap, aggregation: 'majority', agreementFloor: null, ...policy })
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

describe('what curators and adjudicators do', () => {
  const ann = event('submitted', { actorId: 'ann', ...says('good') })
  const bob = event('submitted', { actorId: 'bob', ...says('wrong'), contentId: 'b', textCount: 1 })
  const floor = { agreementFloor: 0.67 }

  it('below the floor an item is disputed, and an adjudication settles it with what it picked', () => {
    expect(foldEntry([ann, bob], 2, floor)).toMatchObject({
      state: 'disputed',
      disputed: 'low-agreement',
      resolution: null,
    })
    const settled = event('adjudicated', { actorId: 'cyn', picks: [bob.id], contentId: 'c', textCount: 1 })
    expect(foldEntry([ann, bob, settled], 2, floor)).toMatchObject({
      state: 'resolved',
      disputed: null,
      resolution: {
        source: 'adjudication',
        values: [
          { origin: 'written', contentId: 'b' },
          { origin: 'written', contentId: 'c' },
        ],
        answerEventIds: [ann.id, bob.id],
        agreement: 0,
      },
    })
    const undo = event('undone', { actorId: 'cyn', targetEventId: settled.id })
    expect(foldEntry([ann, bob, settled, undo], 2, floor)).toMatchObject({ state: 'disputed' })
  })
  it('an adjudication falls with an answer that it picked, and stands without one that it did not', () => {
    const settled = event('adjudicated', { actorId: 'cyn', picks: [bob.id] })
    const without = (target: ReviewFoldEvent) => [
      ann,
      bob,
      settled,
      event('undone', { targetEventId: target.id }),
    ]
    expect(foldEntry(without(bob), 2, floor)).toMatchObject({ state: 'open', resolution: null })
    expect(foldEntry(without(ann), 2, floor).resolution).toMatchObject({ source: 'adjudication' })
  })
  it('an item that was sent back sets its answers aside, and its people may answer again', () => {
    const back = event('returned', { actorId: 'cyn' })
    expect(foldEntry([ann, bob, back], 2)).toMatchObject({
      state: 'open',
      answers: [],
      setAside: [ann.id, bob.id],
    })
    const again = event('submitted', { actorId: 'ann', ...says('wrong') })
    expect(foldEntry([ann, bob, back, again], 1).answers.map(a => a.eventId)).toEqual([again.id])
    const undo = event('undone', { actorId: 'cyn', targetEventId: back.id })
    expect(foldEntry([ann, bob, back, undo], 2).answers.map(a => a.eventId)).toEqual([ann.id, bob.id])
    // Who has answered again has one answer: the later.
    expect(foldEntry([ann, bob, back, again, undo], 2).answers.map(a => a.eventId)).toEqual([
      bob.id,
      again.id,
    ])
  })
  it('a question parks the item until it has a reply', () => {
    const asked = event('asked', { actorId: 'bob' })
    expect(foldEntry([ann, asked], 1)).toMatchObject({ state: 'parked', resolution: null })
    const reply = event('answered', { actorId: 'cyn', targetEventId: asked.id })
    expect(foldEntry([ann, asked, reply], 1)).toMatchObject({ state: 'resolved' })
    expect(foldEntry([ann, asked, event('undone', { targetEventId: asked.id })], 1).state).toBe('resolved')
  })
  it('a second answer stays beside the locked one and enters no resolution', () => {
    const locked = event('submitted', { actorId: 'ann', blind: true, contentId: 'w', textCount: 1 })
    const second = event('compared', {
      actorId: 'ann',
      targetEventId: locked.id,
      preference: 'model',
      ...says('good'),
    })
    const folded = foldEntry([locked, second], 1)
    expect(folded.answers[0]?.second).toMatchObject({ preference: 'model' })
    expect(folded.resolution?.values).toEqual([
      { origin: 'written', contentId: 'w', index: 0, verdict: 'good' },
    ])
  })
  it('a posterior counts for exactly the answers that it was made of', () => {
    const three = ['ann', 'bob', 'cyn'].map((actorId, i) =>
      event('submitted', { actorId, ...says(i === 0 ? 'good' : 'wrong') }),
    )
    const posterior = [
      { candidateId: 'c0', verdict: 'good' as const, probabilities: { good: 0.9, usable: 0, wrong: 0.1 } },
    ]
    const weighed = event('aggregated', { actorId: 'sys', picks: three.map(e => e.id), posterior })
    const weigh = { aggregation: 'dawid-skene' as const }
    expect(foldEntry(three, 3, weigh).resolution).toMatchObject({ method: 'majority', values: [] })
    expect(foldEntry([...three, weighed], 3, weigh).resolution).toMatchObject({
      method: 'dawid-skene',
      values: [{ candidateId: 'c0', verdict: 'good' }],
    })
    const fourth = event('submitted', { actorId: 'dan', ...says('wrong') })
    expect(foldEntry([...three, weighed, fourth], 3, weigh).resolution?.method).toBe('majority')
  })
  it('one value that answers were made into stands in for exactly those, and adjudication above it', () => {
    const two = ['ann', 'bob'].map(actorId =>
      event('submitted', { actorId, contentId: `w-${actorId}`, textCount: 1 }),
    )
    const pooled = event('aggregated', {
      actorId: 'sys',
      picks: two.map(e => e.id),
      contentId: 'middle',
      textCount: 1,
    })
    const median = { aggregation: 'median' as const }
    expect(foldEntry(two, 2, median).resolution).toMatchObject({
      method: 'majority',
      values: [{ contentId: 'w-ann' }, { contentId: 'w-bob' }],
    })
    expect(foldEntry([...two, pooled], 2, median).resolution).toMatchObject({
      method: 'median',
      values: [{ origin: 'written', contentId: 'middle', index: 0, verdict: 'good' }],
      answerEventIds: two.map(e => e.id),
    })
    const [first] = two
    const undo = event('undone', { targetEventId: first?.id ?? '' })
    const redo = event('redone', { targetEventId: undo.id })
    expect(foldEntry([...two, pooled, undo], 2, median)).toMatchObject({ state: 'open', resolution: null })
    expect(foldEntry([...two, pooled, undo, redo], 2, median).resolution?.method).toBe('median')
    const third = event('submitted', { actorId: 'cyn', contentId: 'w-cyn', textCount: 1 })
    expect(foldEntry([...two, pooled, third], 2, median).resolution?.method).toBe('majority')
    const settled = event('adjudicated', { actorId: 'dan', contentId: 'own', textCount: 1 })
    expect(foldEntry([...two, pooled, settled], 2, median).resolution).toMatchObject({
      method: 'adjudication',
      values: [{ contentId: 'own' }],
    })
  })
  it('an item with a known truth is never resolved', () => {
    expect(foldEntry([ann], 1, { kind: 'gold' })).toMatchObject({ state: 'open', resolution: null })
  })
})

/** Logs of three people whose undos and redos name anything that came before. */
const logs = fc
  .array(
    fc.record({
      type: fc.constantFrom(...annotatorEventTypes),
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
  it('nobody has two answers, and it is resolved exactly when enough people answered and no question is open', () => {
    fc.assert(
      fc.property(logs, fc.integer({ min: 1, max: 3 }), (log, overlap) => {
        const { answers, resolution, acts, questions } = foldEntry(log, overlap)
        expect(new Set(answers.map(a => a.actorId)).size).toBe(answers.length)
        expect(resolution !== null).toBe(answers.length >= overlap && questions.length === 0)
        for (const { eventId } of answers) expect(acts.get(eventId)?.standing).toBe('active')
      }),
    )
  })
})
