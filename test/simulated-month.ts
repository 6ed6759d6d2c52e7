import { seededRandom } from '@/domain/agreement'
import { assignArm, checkArmRatio } from '@/domain/arms'
import { type GateRow, gateRulesSchema, judgeGate } from '@/domain/gates'
import type { RollbackRule } from '@/domain/project-settings'
import { judgeRollback, windowOf } from '@/domain/rollback'
import {
  judgeWindows,
  measureWindow,
  parseWatchSettings,
  type WatchedCounts,
  windowsLooked,
} from '@/domain/watch'
import { live, usual } from './simulated-world'

const days = 30
const reference = 28
const frozenRows = 900
const margin = 0.03
const gateDay = 8
const liveDay = 12
const driftDay = 14
const regressionDay = 20
const dayMs = 86_400_000
/** How often each version is right, as people find out. */
const right = { live: 0.62, worse: 0.5, better: 0.7, broken: 0.3 }
/** Of what is wrong people notice and correct or reject so much; the rest they let pass. */
const noticed = 0.9
const people = 400
const trial = { versionId: 'better', share: 0.2 }
const holdbackShare = 0.02
/** Rolled back when surely more than this share of what is judged is corrected or rejected. */
const rule = {
  metric: 'corrected',
  bound: 0.45,
  windowHours: 7 * 24,
  leastN: 50,
} as const satisfies RollbackRule

export interface SimulatedMonth {
  gate: Record<'worse' | 'better', string>
  promoted: boolean
  /** People who met both versions while one was on trial. */
  metBoth: number
  /** The trial's people were divided as planned. */
  ratioHolds: boolean
  /** Days of the month, from 1; null where it did not come to that. */
  driftSeen: number | null
  regressionFrom: number
  rolledBackOn: number | null
  /** Days before anything was injected on which an alert fired. */
  falseAlarmDays: number
  quietDays: number
}

const settings = parseWatchSettings({})
const firing = (before: readonly WatchedCounts[], last: readonly WatchedCounts[]) => {
  const was = join(before)
  return judgeWindows(last.map(window => measureWindow(was, window, settings))).filter(
    verdict => verdict.firing,
  )
}

/**
 * A month in a moment: a world whose languages shift, people who notice most of what is wrong, a worse candidate and a
 * better one at the gate, a trial on some of the people, and a version that breaks after it went live. Every decision is
 * taken by the rules that serve: gate, arms, rollback and watch. `quiet` leaves all of that out.
 */
export function simulateMonth(seed: number, { quiet = false } = {}): SimulatedMonth {
  const draw = seededRandom(seed)
  const lived: WatchedCounts[] = Array.from({ length: reference }, () => live(usual, 1, draw))
  const gate = { worse: gateOutcome(right.worse, draw), better: gateOutcome(right.better, draw) }
  const found: SimulatedMonth = {
    gate,
    promoted: !quiet && gate.better === 'pass' && gate.worse !== 'pass',
    metBoth: 0,
    ratioHolds: true,
    driftSeen: null,
    regressionFrom: regressionDay,
    rolledBackOn: null,
    falseAlarmDays: 0,
    quietDays: 0,
  }
  const met = new Map<string, Set<string>>()
  /** What was judged of the version that is watched, by window of the rule. */
  const judged = new Map<number, { n: number; hits: number }>()
  for (let day = 1; day <= days; day++) {
    const stage =
      !found.promoted || day < gateDay || found.rolledBackOn !== null
        ? 'candidate'
        : day < liveDay
          ? 'canary'
          : 'live'
    const since = (stage === 'canary' ? gateDay : liveDay) * dayMs
    if (day === liveDay) judged.clear()
    const { window } = windowOf(rule, since, day * dayMs)
    const better = day >= regressionDay ? right.broken : right.better
    const today = live(
      {
        ...usual,
        langs:
          !quiet && day >= driftDay
            ? [
                ['en', 0.45],
                ['de', 0.45],
                ['pt', 0.1],
              ]
            : usual.langs,
        serve() {
          const actorId = `person ${Math.floor(draw() * people)}`
          const unit = { projectId: `month ${seed}`, actorId, itemId: `item ${draw()}` }
          const { arm, heldBack } = assignArm(unit, {
            canary: stage === 'canary' ? trial : null,
            holdbackShare: quiet ? 0 : holdbackShare,
          })
          if (stage === 'canary') met.set(actorId, (met.get(actorId) ?? new Set()).add(arm))
          const share = stage === 'live' || arm === 'canary' ? better : right.live
          return { arm: heldBack ? 'holdback' : arm, accepting: share + (1 - share) * (1 - noticed) }
        },
        onJudged(arm, accepted) {
          if (stage === 'candidate' || arm !== stage) return
          const of = judged.get(window) ?? { n: 0, hits: 0 }
          judged.set(window, { n: of.n + 1, hits: of.hits + (accepted ? 0 : 1) })
        },
      },
      1,
      draw,
    )
    lived.push(today)
    if (
      judgeRollback(rule, judged.get(window) ?? { n: 0, hits: 0 }, window).breached &&
      stage !== 'candidate'
    )
      found.rolledBackOn = day
    if (day < windowsLooked) continue
    const alerts = firing(
      lived.slice(-(reference + windowsLooked), -windowsLooked),
      lived.slice(-windowsLooked),
    )
    if (quiet || day < gateDay) {
      found.quietDays++
      if (alerts.length > 0) found.falseAlarmDays++
    }
    if (found.driftSeen === null && day >= driftDay && alerts.some(alert => alert.kind === 'input-drift'))
      found.driftSeen = day
  }
  const arms = [...met.values()]
  found.metBoth = arms.filter(one => one.size > 1).length
  const onTrial = arms.filter(one => one.has('canary')).length
  const ratio = checkArmRatio([arms.length - onTrial, onTrial], [1 - trial.share, trial.share])
  found.ratioHolds = ratio?.mismatch !== true
  return found
}

/** A candidate beside the live version on the same frozen rows: what is hard for one is hard for the other. */
function gateOutcome(accuracy: number, draw: () => number): string {
  const rows: GateRow[] = Array.from({ length: frozenRows }, (_, at) => {
    const hard = draw()
    const isRight = (share: number) => (0.7 * hard + 0.3 * draw() < share ? 1 : 0)
    const [candidate, now] = [isRight(accuracy), isRight(right.live)]
    return {
      cluster: `row ${at}`,
      slices: {},
      scores: { right: candidate },
      right: candidate === 1,
      unsafe: false,
      live: { scores: { right: now }, right: now === 1 },
    }
  })
  return judgeGate(gateRulesSchema.parse({ metric: 'right', margin, minimumRows: 500 }), {
    rows,
    metrics: [{ id: 'right', label: 'Right', higherIsBetter: true }],
    frozen: { candidate: { set: 'one' }, live: { set: 'one' } },
    contamination: { known: true, rows: 0 },
    latencyP90Ms: 50,
    costMicrosPer1000: null,
    uses: 1,
  }).outcome
}

function join(parts: readonly WatchedCounts[]): WatchedCounts {
  const add = (a: readonly number[], b: readonly number[]) => a.map((n, at) => n + (b[at] ?? 0))
  const addAll = (a: Record<string, number>, b: Record<string, number>) => {
    const sums = { ...a }
    for (const [name, n] of Object.entries(b)) sums[name] = (sums[name] ?? 0) + n
    return sums
  }
  return parts.slice(1).reduce((sum, next) => {
    const [before, after] = [sum.accepted[''], next.accepted['']]
    const joined: WatchedCounts = {
      spans: sum.spans + next.spans,
      perSpan: sum.perSpan.concat(next.perSpan),
      exposures: sum.exposures + next.exposures,
      eligible: sum.eligible + next.eligible,
      errors: sum.errors + next.errors,
      latency: add(sum.latency, next.latency),
      confidence: add(sum.confidence, next.confidence),
      inputSize: add(sum.inputSize, next.inputSize),
      finalSize: add(sum.finalSize, next.finalSize),
      attributes: { lang: addAll(sum.attributes.lang ?? {}, next.attributes.lang ?? {}) },
      trips: addAll(sum.trips, next.trips),
      arms: addAll(sum.arms, next.arms),
      accepted: {
        '': {
          accepted: (before?.accepted ?? 0) + (after?.accepted ?? 0),
          judged: (before?.judged ?? 0) + (after?.judged ?? 0),
        },
      },
    }
    return joined
  }, parts[0] as WatchedCounts)
}
