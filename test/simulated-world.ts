import { latencyEdges, sizeEdges } from '@/domain/monitor-bins'
import type { WatchedCounts } from '@/domain/watch'

/** A world in which people, inputs and the model are as they are; a fault changes one thing. */
export interface World {
  perDay: number
  slow: number
  failing: number
  langs: [string, number][]
  confident: number
  long: number
  accepting: number
  tripping: number
  canary: number
  /** Who answers one exposure, and how likely that is accepted; else an arm is drawn and all are accepted alike. */
  serve?: () => { arm: string; accepting: number }
  /** Told of each judgement. */
  onJudged?: (arm: string, accepted: boolean) => void
}
export const usual: World = {
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

/** Lives some days of a world and counts them as the sweep would. */
export function live(world: World, days: number, draw: () => number): WatchedCounts {
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
      const { arm, accepting } = world.serve?.() ?? {
        arm: draw() < world.canary ? 'canary' : 'live',
        accepting: world.accepting,
      }
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
      const accepted = draw() < accepting
      if (accepted) judged.accepted++
      world.onJudged?.(arm, accepted)
      put(counts.finalSize, binOf(sizeEdges, world.long * Math.exp(3.5 + 0.5 * normal())))
    }
  }
  return counts
}
