import { z } from 'zod'
import { chiSquareTail, normalTwoSided } from './distribution'
import { binnedKs, chiSquare, psi } from './drift'
import { benjaminiHochberg } from './false-alarms'
import { enough } from './interval'
import { latencyEdges, quantileOf } from './monitor-bins'
import { leastEffects, type WatchKind, watchKinds } from './watch-words'

/** At most this share of alerts is false, over all that is looked at together. */
export const falseAlarmRate = 0.05
/** An alert needs this many of the last windows. */
export const windowsNeeded = 2
export const windowsLooked = 3
/** Arms that are this unlikely by their plan end an experiment (Fabijan and others 2019). */
const armLimit = 0.001
/** Of a day: below it volume says nothing. */
const leastVolume = 10

export const watchSettingsSchema = z
  .object({
    /** Compared with: so many days before what is looked at, or fixed ones. */
    reference: z
      .discriminatedUnion('kind', [
        z.object({ kind: z.literal('rolling'), days: z.number().int().min(3).max(180) }).strict(),
        z.object({ kind: z.literal('fixed'), from: z.iso.date(), to: z.iso.date() }).strict(),
      ])
      .default({ kind: 'rolling', days: 28 }),
    /** Rules that are off. */
    off: z.array(z.enum(watchKinds)).max(watchKinds.length).default([]),
    /** Effects that differ from the usual. */
    least: z.partialRecord(z.enum(watchKinds), z.number().min(0).max(1000)).default({}),
    /** Told of each alert that begins or ends; empty for nobody. */
    webhook: z
      .url({ protocol: /^https?$/ })
      .max(2000)
      .nullable()
      .default(null),
    mail: z.array(z.email().max(200)).max(10).default([]),
    breaker: z
      .object({
        on: z.boolean().default(false),
        /** Suggestions pause when more than this share (0–1) of what was judged is corrected or rejected. */
        most: z.number().min(0.05).max(1).default(0.6),
        /** Nothing is decided on fewer. */
        leastN: z.number().int().min(10).max(100_000).default(50),
        /** Of the last so many hours. */
        hours: z.number().int().min(1).max(720).default(24),
      })
      .strict()
      .prefault({}),
  })
  .strict()
export type WatchSettings = z.infer<typeof watchSettingsSchema>

/** What was stored and no longer fits falls back to the defaults. */
export function parseWatchSettings(stored: unknown): WatchSettings {
  const parsed = watchSettingsSchema.safeParse(stored ?? {})
  return parsed.success ? parsed.data : watchSettingsSchema.parse({})
}

/** What was counted in a stretch of time. Histograms are those of `monitor-bins.ts`. */
export interface WatchedCounts {
  /** How many days or hours it holds. */
  spans: number
  /** Exposures of each span, for how much they vary. */
  perSpan: number[]
  exposures: number
  eligible: number
  errors: number
  latency: number[]
  confidence: number[]
  inputSize: number[]
  finalSize: number[]
  /** Exposures by value of each attribute. */
  attributes: Record<string, Record<string, number>>
  /** Held back by each rule. */
  trips: Record<string, number>
  arms: Record<string, number>
  /** Of everything (empty name) and of each slice. */
  accepted: Record<string, { accepted: number; judged: number }>
}

export interface Measured {
  kind: WatchKind
  subject: string
  /** In the rule's own unit; not negative where nothing got worse. */
  effect: number
  /** Where the effect begins to count; of drift never below what noise makes at this n. */
  least: number
  p: number
  n: number
  /** The figure itself, then and now. */
  was: number | null
  now: number | null
}

const shareTest = (hits: number, n: number, wasHits: number, wasN: number) =>
  chiSquare([
    [hits, n - hits],
    [wasHits, wasN - wasHits],
  ])?.p ?? 1

/** Compares a window with its reference, rule by rule. What is too few on a side is left out: nothing is said of it. */
export function measureWindow(
  reference: WatchedCounts,
  window: WatchedCounts,
  settings: Pick<WatchSettings, 'off' | 'least'>,
  plannedArms: Readonly<Record<string, number>> = {},
): Measured[] {
  const leastOf = (kind: WatchKind) => settings.least[kind] ?? leastEffects[kind]
  const all = [
    ...measureService(reference, window, leastOf),
    ...measureDrift(reference, window, leastOf),
    ...measureJudged(reference, window, leastOf),
    ...measureArms(window, plannedArms, leastOf),
  ]
  return all.filter(({ kind }) => !settings.off.includes(kind))
}

type LeastOf = (kind: WatchKind) => number
const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0)

function measureService(was: WatchedCounts, now: WatchedCounts, leastOf: LeastOf): Measured[] {
  const found: Measured[] = []
  const [wasP90, nowP90] = [
    quantileOf(was.latency, latencyEdges, 0.9),
    quantileOf(now.latency, latencyEdges, 0.9),
  ]
  const timed = sum(now.latency)
  if (wasP90 && nowP90 && timed >= enough && sum(was.latency) >= enough)
    found.push({
      kind: 'latency',
      subject: '',
      effect: nowP90 / wasP90,
      least: leastOf('latency'),
      p: binnedKs(was.latency, now.latency)?.p ?? 1,
      n: timed,
      was: wasP90,
      now: nowP90,
    })
  if (now.eligible >= enough && was.eligible >= enough) {
    const [before, after] = [was.errors / was.eligible, now.errors / now.eligible]
    found.push({
      kind: 'errors',
      subject: '',
      effect: after - before,
      least: leastOf('errors'),
      p: shareTest(now.errors, now.eligible, was.errors, was.eligible),
      n: now.eligible,
      was: before,
      now: after,
    })
  }
  const mean = sum(was.perSpan) / Math.max(1, was.perSpan.length)
  if (was.perSpan.length >= 3 && mean >= leastVolume) {
    const spread = sum(was.perSpan.map(n => (n - mean) ** 2)) / (was.perSpan.length - 1)
    const perSpan = now.exposures / Math.max(1, now.spans)
    const error = Math.sqrt(Math.max(spread, mean) * (1 / Math.max(1, now.spans) + 1 / was.perSpan.length))
    found.push({
      kind: 'volume',
      subject: '',
      effect: Math.abs(perSpan / mean - 1),
      least: leastOf('volume'),
      p: normalTwoSided((perSpan - mean) / error),
      n: now.exposures,
      was: mean,
      now: perSpan,
    })
  }
  return found
}

function drifted(
  kind: WatchKind,
  subject: string,
  was: readonly number[],
  now: readonly number[],
  leastOf: LeastOf,
): Measured[] {
  const index = psi(was, now)
  const tested = chiSquare([now, was])
  if (!index || !tested || index.n < enough || index.m < enough) return []
  return [
    {
      kind,
      subject,
      effect: index.value,
      least: Math.max(leastOf(kind), index.noise),
      p: tested.p,
      n: index.n,
      was: null,
      now: null,
    },
  ]
}

function measureDrift(was: WatchedCounts, now: WatchedCounts, leastOf: LeastOf): Measured[] {
  const found = [
    ...drifted('input-drift', 'size', was.inputSize, now.inputSize, leastOf),
    ...drifted('prediction-drift', 'confidence', was.confidence, now.confidence, leastOf),
    ...drifted('label-drift', 'size', was.finalSize, now.finalSize, leastOf),
  ]
  for (const name of new Set([...Object.keys(was.attributes), ...Object.keys(now.attributes)])) {
    const [before, after] = [was.attributes[name] ?? {}, now.attributes[name] ?? {}]
    const values = [...new Set([...Object.keys(before), ...Object.keys(after)])]
    found.push(
      ...drifted(
        'input-drift',
        name,
        values.map(value => before[value] ?? 0),
        values.map(value => after[value] ?? 0),
        leastOf,
      ),
    )
  }
  return found
}

function measureJudged(was: WatchedCounts, now: WatchedCounts, leastOf: LeastOf): Measured[] {
  const found: Measured[] = []
  for (const [subject, after] of Object.entries(now.accepted)) {
    const before = was.accepted[subject]
    if (!before || after.judged < enough || before.judged < enough) continue
    const [wasShare, nowShare] = [before.accepted / before.judged, after.accepted / after.judged]
    found.push({
      kind: 'acceptance',
      subject,
      effect: wasShare - nowShare,
      least: leastOf('acceptance'),
      p: shareTest(after.accepted, after.judged, before.accepted, before.judged),
      n: after.judged,
      was: wasShare,
      now: nowShare,
    })
  }
  if (now.eligible >= enough && was.eligible >= enough)
    for (const rule of new Set([...Object.keys(was.trips), ...Object.keys(now.trips)])) {
      const [before, after] = [was.trips[rule] ?? 0, now.trips[rule] ?? 0]
      found.push({
        kind: 'trips',
        subject: rule,
        effect: after / now.eligible - before / was.eligible,
        least: leastOf('trips'),
        p: shareTest(after, now.eligible, before, was.eligible),
        n: now.eligible,
        was: before / was.eligible,
        now: after / now.eligible,
      })
    }
  return found
}

/** Arms that are not divided as planned: something loses or adds people of one of them, and comparing them says nothing. */
function measureArms(
  { arms }: WatchedCounts,
  planned: Readonly<Record<string, number>>,
  leastOf: LeastOf,
): Measured[] {
  const names = Object.keys(planned).filter(name => (planned[name] ?? 0) > 0)
  const n = sum(names.map(name => arms[name] ?? 0))
  if (names.length < 2 || n < enough) return []
  const shares = sum(names.map(name => planned[name] ?? 0))
  const parts = names.map(name => ({ found: arms[name] ?? 0, expected: (n * (planned[name] ?? 0)) / shares }))
  const p = chiSquareTail(
    sum(parts.map(({ found, expected }) => (found - expected) ** 2 / expected)),
    names.length - 1,
  )
  return [
    {
      kind: 'arm-ratio',
      subject: '',
      effect:
        p < armLimit ? Math.max(...parts.map(({ found, expected }) => Math.abs(found - expected) / n)) : 0,
      least: leastOf('arm-ratio'),
      p,
      n,
      was: null,
      now: null,
    },
  ]
}

export interface Verdict extends Measured {
  /** Of the false alarms among everything looked at in the latest window. */
  q: number
  breached: number
  windows: number
  firing: boolean
}

const keyOf = ({ kind, subject }: Measured) => `${kind} ${subject}`

/**
 * What fires: an effect of the least size and q < .05 among all that was measured together, in 2 of the last 3 windows.
 * Windows come oldest first; the figures told are those of the latest in which the rule could be measured.
 */
export function judgeWindows(windows: readonly (readonly Measured[])[]): Verdict[] {
  const looked = windows.slice(-windowsLooked).map(measured => {
    const q = benjaminiHochberg(measured.map(one => one.p))
    return measured.map((one, at) => ({ ...one, q: q[at] ?? 1 }))
  })
  const keys = new Set(looked.flat().map(keyOf))
  return [...keys].map(key => {
    const found = looked.flatMap(window => window.filter(one => keyOf(one) === key))
    const breached = found.filter(one => one.effect >= one.least && one.q < falseAlarmRate).length
    const latest = found.at(-1) as Measured & { q: number }
    return { ...latest, breached, windows: found.length, firing: breached >= windowsNeeded }
  })
}
