import { expect, it } from 'vitest'
import { krippendorffAlpha, seededRandom } from './agreement'
import type { Verdict } from './review'
import { agreementAmong, type JudgedEntry } from './verdict-agreement'

const of = { g: 'good', u: 'usable', w: 'wrong' } as const
/** One word an item, one letter a person. */
const entries = (said: string, week = '2026-03-02'): JudgedEntry[] =>
  said.split(' ').map((letters, at) => ({
    entryId: `${week}-${at}`,
    week,
    answers: [...letters].map((letter, person) => ({
      actorId: `p${person}`,
      verdicts: [
        {
          candidateId: `c${at}`,
          verdict: of[letter as 'g'] as Verdict,
          reasons: letter === 'w' ? ['too-vague'] : [],
        },
      ],
    })),
  }))

it('has the coefficients of the same verdicts as numbers, per label, pair and week', () => {
  const judged = [...entries('gg gg gu ww'), ...entries('wg uu', '2026-03-09')]
  const found = agreementAmong(judged, seededRandom(1))
  const units = [
    [2, 2],
    [2, 2],
    [2, 1],
    [0, 0],
    [0, 2],
    [1, 1],
  ]
  expect(found).toMatchObject({ items: 6, judged: 6, raw: { value: 4 / 6 } })
  expect(found.nominal.value).toBeCloseTo(krippendorffAlpha(units, 'nominal') ?? 0, 12)
  expect(found.ordinal.value).toBeCloseTo(krippendorffAlpha(units, 'ordinal') ?? 0, 12)
  const wrongOrNot = units.map(unit => unit.map(value => Number(value === 0)))
  expect(found.labels.find(one => one.verdict === 'wrong')).toMatchObject({ given: 3 })
  expect(found.labels.find(one => one.verdict === 'wrong')?.alpha.value).toBeCloseTo(
    krippendorffAlpha(wrongOrNot, 'nominal') ?? 0,
    12,
  )
  // By chance: the first says good 3 times, usable 1 and wrong 2; the second 3, 2 and 1.
  expect(found.pairs).toMatchObject([{ people: ['p0', 'p1'], judged: 6, raw: 4 / 6 }])
  const chance = (3 * 3 + 1 * 2 + 2 * 1) / 36
  expect(found.pairs[0]?.kappa.value).toBeCloseTo((4 / 6 - chance) / (1 - chance), 12)
  expect(found.weeks.map(({ week, items }) => [week, items])).toEqual([
    ['2026-03-02', 4],
    ['2026-03-09', 2],
  ])
  expect(found.reasons).toEqual([{ code: 'too-vague', given: 3 }])
  expect(found.fleiss).toMatchObject({ judged: 6, people: 2 })
  const { low, high } = found.nominal.interval ?? { low: 1, high: 0 }
  expect(low).toBeLessThan(found.nominal.value ?? 0)
  expect(high).toBeGreaterThan(found.nominal.value ?? 0)
})

it('has no value where nothing could disagree', () => {
  expect(agreementAmong([], seededRandom(1))).toMatchObject({
    items: 0,
    raw: { value: null },
    nominal: { value: null, interval: null },
    fleiss: null,
    weeks: [],
  })
  expect(agreementAmong(entries('gg gg'), seededRandom(1))).toMatchObject({
    raw: { value: 1 },
    nominal: { value: null },
    ordinal: { value: null },
  })
})
