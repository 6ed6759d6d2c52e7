import { describe, expect, it } from 'vitest'
import { aggregate, type Vote } from './aggregation'

describe('Dawid and Skene', () => {
  const said: Record<string, string> = { t1: 'ny-yn', t2: 'yyynn', t3: 'ynnyn', t4: 'yyyyy', t5: 'ynnnn' }
  const votes: Vote[] = Object.entries(said).flatMap(([unit, labels]) =>
    [...labels].flatMap((label, at) => (label === '-' ? [] : { unit, person: `w${at + 1}`, label })),
  )
  const labels = ['n', 'y']
  const yes = (steps: number) =>
    [...aggregate('dawid-skene', { votes, labels, steps }).posteriors.values()].map(p => p[1])
  const close = (found: readonly (number | undefined)[], wanted: readonly number[]) =>
    wanted.forEach((value, at) => {
      expect(found[at]).toBeCloseTo(value, 3)
    })

  it('begins with the shares of the votes, and after one step has the published posteriors (crowd-kit)', () => {
    close(yes(0), [0.5, 0.6, 0.4, 1, 0.2])
    close(yes(1), [0.648, 0.74, 0.127, 1, 0.053])
    close(aggregate('dawid-skene', { votes, labels, steps: 0 }).priors, [0.46, 0.54])
    const priors = aggregate('dawid-skene', { votes, labels, steps: 1 }).priors
    expect(priors.map(p => p.toFixed(2))).toEqual(['0.49', '0.51'])
  })

  it('decides what ties on the majority', () => {
    expect(aggregate('majority', { labels: ['n', 'y', 'y', 'n'] })).toBeNull()
    expect(yes(100)[0]).toBeGreaterThan(0.5)
  })

  it('makes nobody infallible by few answers, and knows nothing of nothing', () => {
    const one = aggregate('dawid-skene', {
      votes: [{ unit: 'a', person: 'p', label: 'y' }],
      labels,
      smoothing: 0.5,
    })
    expect(one.posteriors.get('a')?.[1]).toBeLessThan(1)
    expect(aggregate('dawid-skene', { votes: [], labels }).priors).toEqual([0.5, 0.5])
  })
})

it('takes the majority, the median, and the boxes that most people drew', () => {
  expect(aggregate('majority', { labels: ['good', 'wrong', 'good'] })).toBe('good')
  expect(aggregate('majority', { labels: [] })).toBeNull()
  expect(aggregate('median', { values: [3, 1, 2] })).toBe(2)
  expect(aggregate('median', { values: [4, 1, 2, 3] })).toBe(2.5)
  expect(aggregate('median', { values: [] })).toBeNull()
  expect(
    aggregate('boxes', {
      people: [
        [
          [0, 0, 10, 10],
          [80, 80, 5, 5],
        ],
        [[1, 0, 10, 10]],
        [[0, 2, 10, 10]],
      ],
    }),
  ).toEqual([[0, 0, 10, 10]])
})

describe('boxes of several people', () => {
  // IoU by hand: a with b 80/120 = .667, a with c 60/100 = .6, b with c 60/100 = .6; d and e 90/110 = .818.
  const a = [0, 0, 10, 10] as const
  const b = [2, 0, 10, 10] as const
  const c = [3, 0, 6, 10] as const
  const d = [50, 50, 10, 10] as const
  const e = [50, 51, 10, 10] as const

  it('are one where they overlap by half, at the median of each edge: left 0, 2, 3, right 10, 12, 9', () => {
    expect(aggregate('boxes', { people: [[a], [b], [c]] })).toEqual([[2, 0, 8, 10]])
  })

  it('stay two things where they are two, and one that a person alone drew is none', () => {
    expect(
      aggregate('boxes', {
        people: [
          [a, d],
          [b, e],
          [c, [80, 0, 5, 5]],
        ],
      }),
    ).toEqual([
      [2, 0, 8, 10],
      [50, 50.5, 10, 10],
    ])
    // Half of the people are not more than half.
    expect(aggregate('boxes', { people: [[a], []] })).toEqual([])
  })

  it('are further apart the more the measure asks: at IoU .7 nobody agrees', () => {
    expect(aggregate('boxes', { people: [[a], [b], [c]], overlap: 0.7 })).toEqual([])
  })

  it('of one person never make one thing, however much they overlap', () => {
    expect(aggregate('boxes', { people: [[a, b]] })).toEqual([a, b])
  })
})
