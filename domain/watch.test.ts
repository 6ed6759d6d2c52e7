import { describe, expect, it } from 'vitest'
import { live, usual, type World } from '@/test/simulated-world'
import { seededRandom } from './agreement'
import { decideEdges, latencyEdges, meanOf, quantileOf } from './monitor-bins'
import { judgeWindows, measureWindow, parseWatchSettings, type WatchedCounts } from './watch'
import type { WatchKind } from './watch-words'

const settings = parseWatchSettings({})
const planned = { live: 0.9, canary: 0.1 }

/** The kinds that fire when three days of a world follow four weeks of the usual one. */
function firing(world: Partial<World>, seed: number): Set<WatchKind> {
  const draw = seededRandom(seed)
  const reference = live(usual, 28, draw)
  const windows = [1, 2, 3].map(() =>
    measureWindow(reference, live({ ...usual, ...world }, 1, draw), settings, planned),
  )
  return new Set(
    judgeWindows(windows)
      .filter(verdict => verdict.firing)
      .map(verdict => verdict.kind),
  )
}

describe('each fault fires its own alert and no other (simulated, seeded)', () => {
  it.each<[WatchKind, Partial<World>]>([
    ['latency', { slow: 3 }],
    ['errors', { failing: 0.12 }],
    ['volume', { perDay: 90 }],
    [
      'input-drift',
      {
        langs: [
          ['en', 0.4],
          ['de', 0.5],
          ['pt', 0.1],
        ],
      },
    ],
    ['prediction-drift', { confident: -1.2 }],
    ['label-drift', { long: 2.2 }],
    ['acceptance', { accepting: 0.38 }],
    ['trips', { tripping: 0.18 }],
    ['arm-ratio', { canary: 0.28 }],
  ])('%s', (kind, world) => {
    for (let seed = 1; seed <= 5; seed++) expect([...firing(world, seed)]).toEqual([kind])
  })
})

it('in quiet weeks at most the set share of looks alarms', () => {
  let alarms = 0
  for (let seed = 100; seed < 200; seed++) alarms += firing({}, seed).size > 0 ? 1 : 0
  expect(alarms / 100).toBeLessThanOrEqual(0.05)
})

it('a breach in one window alone fires nothing, and a rule that is off is not measured', () => {
  const draw = seededRandom(9)
  const reference = live(usual, 28, draw)
  const bad = live({ ...usual, failing: 0.3 }, 1, draw)
  const good = () => live(usual, 1, draw)
  const of = (windows: WatchedCounts[], off: WatchKind[] = []) =>
    judgeWindows(windows.map(window => measureWindow(reference, window, { off, least: {} }))).find(
      verdict => verdict.kind === 'errors',
    )
  expect(of([good(), good(), bad])).toMatchObject({ firing: false, breached: 1 })
  expect(of([bad, good(), bad])).toMatchObject({ firing: true, breached: 2 })
  expect(of([bad, bad, bad], ['errors'])).toBeUndefined()
})

it('says nothing of fewer than thirty', () => {
  const draw = seededRandom(4)
  const reference = live(usual, 28, draw)
  const few = live({ ...usual, perDay: 20, failing: 0.9, accepting: 0 }, 1, draw)
  expect(measureWindow(reference, few, settings, planned).map(one => one.kind)).toEqual(['volume'])
})

it('settings that no longer fit are the defaults', () => {
  expect(parseWatchSettings({ reference: 'ever' })).toEqual(parseWatchSettings({}))
})

it('quantiles and means come from kept counts (by hand)', () => {
  // Ten below 10 ms and ten from 10 to 20: half lie below 10, nine in ten below 18.
  expect(quantileOf([10, 10], latencyEdges, 0.5)).toBe(10)
  expect(quantileOf([10, 10], latencyEdges, 0.9)).toBe(18)
  expect(quantileOf([0, 0], latencyEdges, 0.5)).toBeNull()
  expect(quantileOf([...decideEdges.map(() => 0), 4], decideEdges, 0.5)).toBe(600_000)
  // 1, 2, 3: mean 2, variance 1, half width 1.96 / √3.
  expect(meanOf(3, 6, 14)).toMatchObject({ value: 2, n: 3 })
  expect(meanOf(3, 6, 14)?.high).toBeCloseTo(3.1316, 3)
  expect(meanOf(1, 6, 36)).toBeNull()
})
