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
