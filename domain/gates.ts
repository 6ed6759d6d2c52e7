import { z } from 'zod'
import { normalCut, normalTail } from './distribution'
import { percent } from './percent'
import { liesIn } from './saved-slice'

/** Level of every one-sided bound here: 95 %. A choice that every reader knows. */
const alpha = 0.05

const metricId = z.string().trim().min(1).max(100)
const rows = z.number().int().min(1).max(1_000_000)
const share = z.number().min(0).max(1)

/** What a gate asks, set down before anybody looks. Margins are in the unit of the metric, as much as may be lost. */
export const gateRulesSchema = z
  .object({
    /** A version may get there only with this gate's pass or an owner's waiver. */
    requiredFor: z
      .array(z.enum(['canary', 'live']))
      .max(2)
      .default([]),
    /** The metric by which a version must not be worse than the live one. */
    metric: metricId,
    /** δ: how much worse is still as good. */
    margin: z.number().min(0).max(1e9),
    minimumRows: rows.default(100),
    /** Whatever is live: no worse than this. */
    floors: z
      .array(z.object({ metric: metricId, bound: z.number().min(-1e9).max(1e9) }).strict())
      .max(10)
      .default([]),
    /** Slices in which it must not be worse either. */
    slices: z
      .array(
        z
          .object({
            slice: z.string().trim().min(1).max(100),
            value: z.string().trim().min(1).max(200),
            margin: z.number().min(0).max(1e9),
            minimumRows: rows.default(30),
          })
          .strict(),
      )
      .max(20)
      .default([]),
    /** The largest share of rows that the live version has right and this one wrong; null asks nothing. */
    mostFlips: share.nullable().default(null),
    /** The largest share of rows whose first answer a guardrail would hold back, at its upper bound. */
    mostUnsafe: share.nullable().default(null),
    mostLatencyP90Ms: z.number().positive().max(1e7).nullable().default(null),
    mostCostMicrosPer1000: z.number().min(0).max(1e12).nullable().default(null),
    /** Rows that the version may have learned from say nothing of it. */
    noContamination: z.boolean().default(true),
    /** How often one frozen set may be asked before it is worn out. */
    mostUses: z.number().int().min(1).max(10_000).default(20),
  })
  .strict()
export type GateRules = z.output<typeof gateRulesSchema>

/** What a new project's gate asks: no worse than what is live, and little that guardrails would hold back. A choice. */
export const firstGateRules = (metric: { id: string; kind: 'share' | 'number' }): GateRules =>
  gateRulesSchema.parse({
    metric: metric.id,
    margin: metric.kind === 'share' ? 0.02 : 0,
    minimumRows: 100,
    mostFlips: 0.05,
    mostUnsafe: 0.05,
  })

/** The gate that every project whose task can be measured starts with. */
export const firstGateName = 'Release'

export type GateOutcome = 'pass' | 'fail' | 'not-enough-data' | 'blocked'

/** One thing that a gate asked, with its numbers and in words. */
export interface GateCheck {
  id: string
  label: string
  /** `not-applicable`: there is nothing to hold it against; it counts for neither. */
  outcome: 'pass' | 'fail' | 'not-enough-data' | 'blocked' | 'not-applicable'
  words: string
  /** Numbers behind the words, by name. */
  facts: Record<string, number | string | null>
}

/** One row of the frozen set, as both versions were measured on it. */
export interface GateRow {
  /** Rows of one cluster depend on each other and count as one draw. */
  cluster: string
  slices: Readonly<Record<string, string | number | boolean | null>>
  /** By metric: of this row alone, higher is better; null where it says nothing. */
  scores: Readonly<Record<string, number | null>>
  right: boolean | null
  unsafe: boolean
  /** The same of the live version; null where nothing is live. */
  live: { scores: Readonly<Record<string, number | null>>; right: boolean | null } | null
}

export interface GateInput {
  rows: readonly GateRow[]
  metrics: readonly { id: string; label: string; higherIsBetter: boolean }[]
  /** Names of what was measured on: parts that differ between the two versions block. Null where nothing is live. */
  frozen: { candidate: Frozen; live: Frozen | null }
  /** Rows that the version may have learned from; `known` false where its owner did not say. */
  contamination: { known: boolean; rows: number }
  latencyP90Ms: number | null
  costMicrosPer1000: number | null
  /** How often this set was asked by now, this time included. */
  uses: number
}

/** Parts of what a version was measured on, by name: content of the set, labels, metric code, normaliser. */
export type Frozen = Readonly<Record<string, unknown>>

export interface GateJudgement {
  outcome: GateOutcome
  checks: GateCheck[]
}

/** Mean of paired differences with its standard error over whole clusters, and how many of each there are. */
export interface PairedMean {
  mean: number
  standardError: number
  n: number
  clusters: number
}

/**
 * Mean difference over rows, with the standard error that holds where rows of one cluster depend on each other: the
 * linearised ratio estimator, which is sd/√n where each row stands alone. Null of fewer than two clusters.
 */
export function pairedMean(differences: readonly { cluster: string; d: number }[]): PairedMean | null {
  const n = differences.length
  const sums = new Map<string, { d: number; n: number }>()
  for (const { cluster, d } of differences) {
    const one = sums.get(cluster) ?? { d: 0, n: 0 }
    one.d += d
    one.n += 1
    sums.set(cluster, one)
  }
  const clusters = sums.size
  if (clusters < 2) return null
  const mean = differences.reduce((sum, { d }) => sum + d, 0) / n
  let squares = 0
  for (const one of sums.values()) squares += (one.d - one.n * mean) ** 2
  return { mean, standardError: Math.sqrt((clusters / (clusters - 1)) * squares) / n, n, clusters }
}

/** The one-sided lower bound of a mean at a level. */
export const lowerBound = ({ mean, standardError }: PairedMean, level = alpha): number =>
  mean - normalCut(level) * standardError

/**
 * `not-worse`: the one-sided 95 % lower bound of the difference lies above −margin. `worse`: its upper bound lies below.
 * Else `inconclusive`: that nothing was found is no pass.
 */
export function nonInferiority(
  difference: PairedMean,
  margin: number,
  level = alpha,
): 'not-worse' | 'worse' | 'inconclusive' {
  if (lowerBound(difference, level) > -margin) return 'not-worse'
  return difference.mean + normalCut(level) * difference.standardError < -margin ? 'worse' : 'inconclusive'
}

/** P-value of the hypothesis that a version is worse by the margin or more. */
function worseP({ mean, standardError }: PairedMean, margin: number): number {
  if (standardError === 0) return mean > -margin ? 0 : 1
  return normalTail((mean + margin) / standardError)
}

/**
 * Which hypotheses fall when all are tested together at a level (Holm 1979): the smallest p against level/m, the next
 * against level/(m−1), until one stands. In the order given, each with the level that it was held against.
 */
export function holm(pValues: readonly number[], level = alpha): { rejected: boolean; level: number }[] {
  const order = pValues.map((p, at) => ({ p, at })).sort((a, b) => a.p - b.p)
  const results = pValues.map(() => ({ rejected: false, level }))
  let falling = true
  order.forEach(({ p, at }, rank) => {
    const own = level / (order.length - rank)
    falling = falling && p <= own
    results[at] = { rejected: falling, level: own }
  })
  return results
}

/**
 * How many rows estimate a share within ±error for sure (Hoeffding): ln(2/δ)/(2ε²), rounded up.
 *
 * @param error ε, 0–1; @param risk δ, 0–1
 */
export function rowsFor(error: number, risk = alpha): number {
  return Math.ceil(Math.log(2 / risk) / (2 * error * error))
}

/** One-sided Wilson limits of a share. */
function wilsonLimit(hits: number, n: number, side: 'low' | 'high'): number {
  const q = normalCut(alpha)
  const spread = q ** 2 / n
  const p = hits / n
  const half = q * Math.sqrt((p * (1 - p)) / n + spread / (4 * n))
  return (p + spread / 2 + (side === 'high' ? half : -half)) / (1 + spread)
}

/** Names of the parts that differ. */
export function frozenDifferences(a: Frozen, b: Frozen): string[] {
  const keys = [...new Set([...Object.keys(a), ...Object.keys(b)])]
  return keys.filter(key => JSON.stringify(a[key]) !== JSON.stringify(b[key])).sort()
}

/** Holds an evaluation against what a gate asks. Pure: the same rows and rules give the same judgement. */
export function judgeGate(rules: GateRules, input: GateInput): GateJudgement {
  const differing = input.frozen.live ? frozenDifferences(input.frozen.candidate, input.frozen.live) : []
  if (differing.length > 0) {
    const check: GateCheck = {
      id: 'comparable',
      label: 'Measured on the same as the live version',
      outcome: 'blocked',
      words: `not the same: ${differing.join(', ')}. Evaluate both anew on one frozen version.`,
      facts: { differing: differing.join(', ') },
    }
    return { outcome: 'blocked', checks: [check] }
  }
  const checks = [
    checkContamination(rules, input),
    checkUses(rules, input),
    checkSample(rules, input),
    checkOverall(rules, input),
    ...rules.floors.map(floor => checkFloor(floor, rules, input)),
    ...checkSlices(rules, input),
    checkFlips(rules, input),
    checkUnsafe(rules, input),
    checkCap('latency', 'p90 latency', rules.mostLatencyP90Ms, input.latencyP90Ms, 'ms'),
    checkCap('cost', 'Cost of 1,000', rules.mostCostMicrosPer1000, input.costMicrosPer1000, 'µ'),
  ].flatMap(check => check ?? [])
  const has = (outcome: GateCheck['outcome']) => checks.some(check => check.outcome === outcome)
  return { outcome: has('fail') ? 'fail' : has('not-enough-data') ? 'not-enough-data' : 'pass', checks }
}

/** “4 of 6 pass, so 7.3 waits.” */
export function gateSentence({ outcome, checks }: GateJudgement, version: string): string {
  if (outcome === 'blocked') return `It can’t be compared, so ${version} waits.`
  const counted = checks.filter(check => check.outcome !== 'not-applicable')
  const passed = counted.filter(check => check.outcome === 'pass').length
  return outcome === 'pass'
    ? `All ${counted.length} pass, so ${version} may go.`
    : `${passed} of ${counted.length} pass, so ${version} waits.`
}

const signed = (value: number) => `${value < 0 ? '−' : '+'}${Math.abs(value).toFixed(3)}`
const plain = (value: number) => `${value < 0 ? '−' : ''}${Math.abs(value).toFixed(3)}`
const many = (n: number) => n.toLocaleString('en')

function labelOf(input: GateInput, metric: string): string {
  return input.metrics.find(one => one.id === metric)?.label ?? metric
}

function differencesOf(input: GateInput, metric: string, keep: (row: GateRow) => boolean = () => true) {
  return input.rows.flatMap(row => {
    const [own, other] = [row.scores[metric] ?? null, row.live?.scores[metric] ?? null]
    return own === null || other === null || !keep(row) ? [] : [{ cluster: row.cluster, d: own - other }]
  })
}

function checkContamination(rules: GateRules, { contamination }: GateInput): GateCheck | null {
  if (!rules.noContamination) return null
  const { known, rows: learned } = contamination
  return {
    id: 'contamination',
    label: 'Learned from none of these rows',
    outcome: learned > 0 ? 'fail' : known ? 'pass' : 'not-enough-data',
    words:
      learned > 0
        ? `${many(learned)} rows or their groups are in what it learned from`
        : known
          ? 'none of the rows, their groups or near-duplicates'
          : 'its owner does not say what it learned from',
    facts: { rows: learned },
  }
}

function checkUses(rules: GateRules, { uses }: GateInput): GateCheck {
  return {
    id: 'uses',
    label: 'The test set is not worn out',
    outcome: uses <= rules.mostUses ? 'pass' : 'fail',
    words: `looked at ${many(uses)} of ${many(rules.mostUses)} allowed times${uses > rules.mostUses ? '; freeze a fresh one' : ''}`,
    facts: { uses, most: rules.mostUses },
  }
}

function checkSample(rules: GateRules, input: GateInput): GateCheck {
  const n = input.rows.filter(row => (row.scores[rules.metric] ?? null) !== null).length
  return {
    id: 'sample',
    label: 'Enough rows',
    outcome: n >= rules.minimumRows ? 'pass' : 'not-enough-data',
    words: `${many(n)} of ${many(rules.minimumRows)} rows`,
    facts: { n, least: rules.minimumRows },
  }
}

function checkOverall(rules: GateRules, input: GateInput): GateCheck {
  const check = { id: 'overall', label: `${labelOf(input, rules.metric)} not worse overall` }
  if (!input.frozen.live)
    return {
      ...check,
      outcome: 'not-applicable',
      words: 'no other version is live to compare with',
      facts: {},
    }
  const difference = pairedMean(differencesOf(input, rules.metric))
  if (!difference || difference.n < rules.minimumRows)
    return {
      ...check,
      outcome: 'not-enough-data',
      words: `${many(difference?.n ?? 0)} of ${many(rules.minimumRows)} rows in pairs`,
      facts: { n: difference?.n ?? 0, least: rules.minimumRows },
    }
  const verdict = nonInferiority(difference, rules.margin)
  const low = lowerBound(difference)
  return {
    ...check,
    outcome: verdict === 'not-worse' ? 'pass' : 'fail',
    words: `lower bound ${signed(low)}, margin ${signed(-rules.margin)}${verdict === 'inconclusive' ? '; may drop past it' : ''}`,
    facts: { ...factsOf(difference, low, rules.margin), verdict },
  }
}

const factsOf = ({ mean, standardError, n, clusters }: PairedMean, low: number, margin: number) => ({
  mean,
  standardError,
  low,
  high: mean + (mean - low),
  margin,
  n,
  clusters,
})

function checkFloor(floor: GateRules['floors'][number], rules: GateRules, input: GateInput): GateCheck {
  const metric = input.metrics.find(one => one.id === floor.metric)
  const higher = metric?.higherIsBetter ?? true
  const label = `${labelOf(input, floor.metric)} ${higher ? 'at least' : 'at most'} ${plain(floor.bound)}`
  const own = pairedMean(
    input.rows.flatMap(row => {
      const score = row.scores[floor.metric] ?? null
      return score === null ? [] : [{ cluster: row.cluster, d: score }]
    }),
  )
  const check = { id: `floor ${floor.metric}`, label }
  if (!own || own.n < rules.minimumRows)
    return {
      ...check,
      outcome: 'not-enough-data',
      words: `${many(own?.n ?? 0)} of ${many(rules.minimumRows)} rows`,
      facts: { n: own?.n ?? 0 },
    }
  // Held against the cautious end, so that a lucky draw does not pass.
  const cautious = lowerBound(own)
  const bound = higher ? floor.bound : -floor.bound
  const turn = higher ? 1 : -1
  return {
    ...check,
    outcome: cautious >= bound ? 'pass' : 'fail',
    words: `${plain(turn * own.mean)}, ${higher ? 'lower' : 'upper'} bound ${plain(turn * cautious)}`,
    facts: { mean: turn * own.mean, bound: turn * cautious, asked: floor.bound, n: own.n },
  }
}

/** What one critical slice came to: a row of the page. */
export interface SliceVerdict {
  slice: string
  value: string
  outcome: 'pass' | 'fail' | 'not-enough-data'
  n: number
  least: number
  margin: number
  mean: number | null
  low: number | null
  high: number | null
}

/** Every critical slice, tested together. */
export function judgeSlices(rules: GateRules, input: GateInput): SliceVerdict[] {
  const found = rules.slices.map(wanted => {
    const differences = differencesOf(input, rules.metric, row =>
      liesIn(row.slices, wanted.slice, wanted.value),
    )
    const difference = differences.length >= wanted.minimumRows ? pairedMean(differences) : null
    return { wanted, n: differences.length, difference }
  })
  const tested = holm(
    found.map(({ wanted, difference }) => (difference ? worseP(difference, wanted.margin) : 1)),
  )
  return found.map(({ wanted, n, difference }, at) => {
    const { rejected, level } = tested[at] ?? { rejected: false, level: alpha }
    const low = difference && lowerBound(difference, level)
    return {
      slice: wanted.slice,
      value: wanted.value,
      outcome: !difference ? 'not-enough-data' : rejected ? 'pass' : 'fail',
      n,
      least: wanted.minimumRows,
      margin: wanted.margin,
      mean: difference?.mean ?? null,
      low,
      high: difference && low !== null ? difference.mean + (difference.mean - low) : null,
    }
  })
}

/** A number, or yes and no, alone does not say of what. */
const nameOf = ({ slice, value }: SliceVerdict) =>
  /^(?:true|false|[-\d.]+)$/.test(value) ? `${slice} ${value}` : value

const boundOf = (one: SliceVerdict) =>
  `${nameOf(one)}: lower bound ${signed(one.low ?? 0)} of ${many(one.n)} rows`

function checkSlices(rules: GateRules, input: GateInput): GateCheck[] {
  if (rules.slices.length === 0 || !input.frozen.live) return []
  const verdicts = judgeSlices(rules, input)
  const small = verdicts.filter(one => one.outcome === 'not-enough-data')
  const bad = verdicts.filter(one => one.outcome === 'fail')
  const tested = verdicts.filter(one => one.outcome !== 'not-enough-data')
  return [
    {
      id: 'slices',
      label: 'No critical slice worse',
      outcome: bad.length > 0 ? 'fail' : tested.length > 0 ? 'pass' : 'not-enough-data',
      words:
        bad.length > 0
          ? bad.map(one => `${boundOf(one)}, margin ${signed(-one.margin)}`).join('; ')
          : tested.length > 0
            ? tested.map(boundOf).join('; ')
            : 'no slice has enough rows',
      facts: { slices: verdicts.length, worse: bad.length, tested: tested.length },
    },
    {
      id: 'slices-enough',
      label: 'Every critical slice large enough',
      outcome: small.length > 0 ? 'not-enough-data' : 'pass',
      words:
        small.length > 0
          ? small.map(one => `${nameOf(one)} has ${many(one.n)} of ${many(one.least)} rows`).join('; ')
          : `the smallest has ${many(Math.min(...verdicts.map(one => one.n)))} rows`,
      facts: { small: small.length, missing: small.reduce((sum, one) => sum + one.least - one.n, 0) },
    },
  ]
}

function checkFlips(rules: GateRules, input: GateInput): GateCheck | null {
  if (rules.mostFlips === null) return null
  const check = { id: 'flips', label: 'Right before, wrong now' }
  if (!input.frozen.live)
    return {
      ...check,
      outcome: 'not-applicable',
      words: 'no other version is live to compare with',
      facts: {},
    }
  const known = input.rows.filter(row => row.right !== null && row.live && row.live.right !== null)
  const flips = known.filter(row => row.live?.right === true && row.right === false).length
  if (known.length < rules.minimumRows)
    return {
      ...check,
      outcome: 'not-enough-data',
      words: `${many(known.length)} of ${many(rules.minimumRows)} rows are right or wrong`,
      facts: { flips, n: known.length },
    }
  const most = Math.floor(rules.mostFlips * known.length)
  return {
    ...check,
    outcome: flips <= most ? 'pass' : 'fail',
    words: `${many(flips)} of ${many(known.length)}, limit ${many(most)}`,
    facts: { flips, n: known.length, most },
  }
}

function checkUnsafe(rules: GateRules, input: GateInput): GateCheck | null {
  if (rules.mostUnsafe === null) return null
  const n = input.rows.length
  const hits = input.rows.filter(row => row.unsafe).length
  const check = { id: 'unsafe', label: `Held back by guardrails at most ${percent(rules.mostUnsafe)}` }
  if (n < rules.minimumRows)
    return {
      ...check,
      outcome: 'not-enough-data',
      words: `${many(n)} of ${many(rules.minimumRows)} rows`,
      facts: { hits, n },
    }
  const high = wilsonLimit(hits, n, 'high')
  return {
    ...check,
    outcome: high <= rules.mostUnsafe ? 'pass' : 'fail',
    words: `${many(hits)} of ${many(n)}, upper bound ${percent(high)}`,
    facts: { hits, n, high, most: rules.mostUnsafe },
  }
}

function checkCap(
  id: string,
  label: string,
  most: number | null,
  value: number | null,
  unit: 'ms' | 'µ',
): GateCheck | null {
  if (most === null) return null
  const say = (amount: number) =>
    unit === 'ms' ? `${many(Math.round(amount))} ms` : (amount / 1_000_000).toFixed(4)
  return {
    id,
    label: `${label} at most ${say(most)}`,
    outcome: value === null ? 'not-enough-data' : value <= most ? 'pass' : 'fail',
    words: value === null ? 'not measured' : say(value),
    facts: { value, most },
  }
}
