import { expect, it } from 'vitest'
import { bandKeysOf, detectionProbability, pairsOfEqualKeys, signatureOf, UnionFind } from './min-hash'

it('looks at a pair with the probability of its formula: .897 at .8 and .019 at .5', () => {
  expect(detectionProbability(0.8)).toBeCloseTo(0.897, 3)
  expect(detectionProbability(0.5)).toBeCloseTo(0.019, 3)
})

/** Two sets of which this share of all is common, unlike those of any other trial. */
function sets(trial: number, shared: number, own: number) {
  const part = (name: string, size: number) =>
    Array.from({ length: size }, (_, at) => `${trial} ${name} ${at}`)
  const common = part('common', shared)
  return [new Set([...common, ...part('a', own)]), new Set([...common, ...part('b', own)])] as const
}

it.each([
  [0.8, 80, 10],
  [0.5, 50, 25],
])('does so in fact, over 2,000 pairs of Jaccard %f', (similarity, shared, own) => {
  const trials = 2000
  let found = 0
  for (let trial = 0; trial < trials; trial += 1) {
    const keys = sets(trial, shared, own).map(set => bandKeysOf(signatureOf(set) as Uint32Array))
    if (keys[0]?.some((key, band) => key === keys[1]?.[band])) found += 1
  }
  const expected = detectionProbability(similarity)
  // Four standard errors of a share of so many trials.
  const error = 4 * Math.sqrt((expected * (1 - expected)) / trials)
  expect(Math.abs(found / trials - expected)).toBeLessThan(error)
})

it('pairs what has equal keys, and joins through others', () => {
  expect(pairsOfEqualKeys(Uint32Array.of(7, 9, 7, 4294967295, 9, 7), 6)).toEqual([
    [0, 2],
    [0, 5],
    [2, 5],
    [1, 4],
  ])
  const sets = new UnionFind(5)
  sets.join(3, 4)
  sets.join(1, 4)
  expect([0, 1, 2, 3, 4].map(at => sets.find(at))).toEqual([0, 1, 2, 1, 1])
})
