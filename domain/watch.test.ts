import { describe, expect, it } from 'vitest'
import { seededRandom } from './agreement'
import { decideEdges, latencyEdges, meanOf, quantileOf, sizeEdges } from './monitor-bins'
import { judgeWindows, measureWindow, parseWatchSettings, type WatchedCounts } from './watch'
import type { WatchKind } from './watch-words'

const settings = parseWatchSettings({})
const planned = { live: 0.9, canary: 0.1 }

/** A world in which people, inputs and the model are as they are; a fault changes one thing. */
interface World {
  perDay: number
  slow: number
  failing: number
  langs: [string, number][]
  confident: number
  long: number
  accepting: number
  tripping: number
  canary: number
}
const usual: World = {
  perDay: 300,
  slow: 1,
  failing: 0.005,
  langs: [
    ['en', 0.7],
    ['de', 0.2],
    ['pt', 0.1],
  ],
  confident: 0,
  long: 1,
  accepting: 0.62,
  tripping: 0.03,
  canary: 0.1,
}

/** Which of them a draw of 0–1 falls on, by their shares. */
function drawn(shares: readonly [string, number][], at: number): string {
  let below = 0
  for (const [name, share] of shares) {
    below += share
    if (at < below) return name
  }
  return shares.at(-1)?.[0] ?? ''
}

function live(world: World, days: number, draw: () => number): WatchedCounts {
  const bins = (n: number) => Array.from({ length: n }, () => 0)
  const counts: WatchedCounts = {
    spans: days,
    perSpan: [],
    exposures: 0,
    eligible: 0,
    errors: 0,
    latency: bins(latencyEdges.length + 1),
    confidence: bins(10),
    inputSize: bins(sizeEdges.length + 1),
    finalSize: bins(sizeEdges.length + 1),
    attributes: { lang: {} },
    trips: { 'blocked-term': 0 },
    arms: {},
    accepted: { '': { accepted: 0, judged: 0 } },
  }
  const put = (list: number[], at: number) => {
    const place = Math.max(0, Math.min(list.length - 1, at))
    list[place] = (list[place] ?? 0) + 1
  }
  const binOf = (edges: readonly number[], value: number) => edges.filter(edge => value >= edge).length
  const normal = () => Math.sqrt(-2 * Math.log(1 - draw())) * Math.cos(2 * Math.PI * draw())
  for (let day = 0; day < days; day++) {
    const n = Math.round(world.perDay * (1 + 0.1 * normal()))
    counts.perSpan.push(n)
    for (let at = 0; at < n; at++) {
      counts.exposures++
      counts.eligible++
      const arm = draw() < world.canary ? 'canary' : 'live'
      counts.arms[arm] = (counts.arms[arm] ?? 0) + 1
      const lang = drawn(world.langs, draw())
      const ofLang = counts.attributes.lang as Record<string, number>
      ofLang[lang] = (ofLang[lang] ?? 0) + 1
      put(counts.inputSize, binOf(sizeEdges, Math.exp(4.5 + 0.8 * normal())))
      put(counts.latency, binOf(latencyEdges, world.slow * Math.exp(4 + 0.5 * normal())))
      if (draw() < world.failing) {
        counts.errors++
        continue
      }
      if (draw() < world.tripping) {
        counts.trips['blocked-term'] = (counts.trips['blocked-term'] ?? 0) + 1
        continue
      }
      put(counts.confidence, Math.floor(10 * (1 / (1 + Math.exp(-(1 + world.confident + normal()))))))
      if (draw() < 0.3) continue
      const judged = counts.accepted[''] as { accepted: number; judged: number }
      judged.judged++
      if (draw() < world.accepting) judged.accepted++
      put(counts.finalSize, binOf(sizeEdges, world.long * Math.exp(3.5 + 0.5 * normal())))
    }
  }
  return counts
}

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
