import type { CalibrationBin, EvaluationOptions, EvaluationReport, SliceReport } from './evaluation'
import { wilson } from './interval'
import {
  answeredMetric,
  brierMetric,
  calibrationMetric,
  rightMetric,
  unsafeMetric,
} from './metrics/common-metrics'
import type { Metric, MetricEstimate, MetricFacts, TaskMetrics } from './metrics/metric'
import { binOf, brierOf, calibrationBins, calibrationError, calibrationParts } from './metrics/numbers'
import { type Measure, resample, tidy, unitOf } from './metrics/resample'
import { meanOfParts } from './metrics/text-metrics'
import { type SavedSlice, savedName, savedSlice } from './saved-slice'

/** A measured row as it is stored. */
export interface ReportRow {
  /** Empty for the input as it is. */
  perturbation: string
  number: number
  groupKey: string
  clusterKey: string | null
  slices: Record<string, string | number | boolean | null>
  outcome: 'answered' | 'silent' | 'failed'
  parts: Record<string, number[] | null>
  right: boolean | null
  topConfidence: number | null
  unsafe: readonly string[]
}

const mostValues = 12
const fewNumbers = 8

/** Every metric of an evaluation of a task: its own, then those that all tasks have. */
export const metricsOf = (task: TaskMetrics): MetricFacts[] => [
  ...task.all.map(({ id, label, describes, higherIsBetter, kind, unit }) => ({
    id,
    label,
    describes,
    higherIsBetter,
    kind,
    ...(unit === undefined ? {} : { unit }),
  })),
  rightMetric(task.right.words),
  answeredMetric,
  unsafeMetric,
  calibrationMetric,
  brierMetric,
]

/** What of a row counts for a metric. */
function partsOf(row: ReportRow, id: string): readonly number[] | null {
  if (id === rightMetric('').id) return row.right === null ? null : [row.right ? 1 : 0, 1]
  if (id === answeredMetric.id) return [row.outcome === 'answered' ? 1 : 0, 1]
  if (id === unsafeMetric.id) return [row.unsafe.length > 0 ? 1 : 0, 1]
  if (id === calibrationMetric.id || id === brierMetric.id) {
    if (row.topConfidence === null || row.right === null) return null
    return id === brierMetric.id
      ? [brierOf(row.topConfidence, row.right), 1]
      : calibrationParts(row.topConfidence, row.right)
  }
  return row.parts[id] ?? null
}

const formulaOf = (task: TaskMetrics, id: string): Metric['value'] => {
  const own = task.all.find(metric => metric.id === id)
  if (own) return own.value
  return id === calibrationMetric.id ? calibrationError : meanOfParts
}

/** The parts of any metric of an evaluation, for whoever recomputes it over other rows. */
export const measureOf = (task: TaskMetrics, id: string, rows: readonly ReportRow[]): Measure => ({
  id,
  parts: rows.map(row => partsOf(row, id)),
  value: formulaOf(task, id),
})

/**
 * The report of an evaluation from its rows, the same bytes for the same rows. Yields so that others have their turn.
 *
 * @param rows of every perturbation; in order of their numbers
 */
export function* reportOf(
  task: TaskMetrics,
  rows: readonly ReportRow[],
  options: Pick<EvaluationOptions, 'draws' | 'seed' | 'perturbations'>,
  facts: {
    withoutTruth: number
    erased: number
    contamination: EvaluationReport['contamination']
    saved: readonly SavedSlice[]
  },
): Generator<void, EvaluationReport> {
  const metrics = metricsOf(task)
  const plain = rows.filter(row => row.perturbation === '')
  const overall = yield* estimatesOf(task, metrics, plain, options)
  const slices: SliceReport[] = []
  for (const { slice, value, of } of slicesOf(plain))
    slices.push({ slice, value, n: of.length, metrics: yield* estimatesOf(task, metrics, of, options) })
  const perturbations: EvaluationReport['perturbations'] = []
  for (const id of options.perturbations) {
    const of = rows.filter(row => row.perturbation === id)
    perturbations.push({ id, n: of.length, metrics: yield* estimatesOf(task, metrics, of, options) })
  }
  const count = (test: (row: ReportRow) => boolean) => plain.filter(test).length
  return {
    metrics,
    overall,
    slices,
    ...(facts.saved.length > 0 ? { saved: [...facts.saved] } : {}),
    perturbations,
    calibration: calibrationOf(plain),
    counts: {
      rows: plain.length,
      answered: count(row => row.outcome === 'answered'),
      silent: count(row => row.outcome === 'silent'),
      failed: count(row => row.outcome === 'failed'),
      unsafe: count(row => row.unsafe.length > 0),
      right: count(row => row.right === true),
      withoutTruth: facts.withoutTruth,
      erased: facts.erased,
    },
    contamination: facts.contamination,
  }
}

function* estimatesOf(
  task: TaskMetrics,
  metrics: readonly MetricFacts[],
  rows: readonly ReportRow[],
  options: Pick<EvaluationOptions, 'draws' | 'seed'>,
): Generator<void, MetricEstimate[]> {
  const units = rows.map(unitOf)
  const counted = new Set(units).size
  const alone = counted === units.length
  const measures = metrics.map(metric => measureOf(task, metric.id, rows))
  const estimates = yield* resample(units, measures, options)
  return estimates.map((estimate, at) => {
    const parts = measures[at]?.parts.filter(one => one !== null) ?? []
    const isShare =
      metrics[at]?.kind === 'share' && parts.every(one => one.length === 2 && (one[0] === 0 || one[0] === 1))
    // Units that all agree say nothing of their spread by being drawn again; then each counts as one.
    const alike = estimate.value !== null && estimate.low === estimate.high
    if (!isShare || !(alone || alike)) return estimate
    const share = alone
      ? wilson(parts.filter(one => one[0] === 1).length, parts.length)
      : wilson((estimate.value ?? 0) * counted, counted)
    return share ? { ...estimate, low: tidy(share.low), high: tidy(share.high) } : estimate
  })
}

interface Slice {
  slice: string
  value: string | null
  of: ReportRow[]
}

/**
 * Rows by each of their attributes: by value where there are few, numbers in three parts of equal size, of many values
 * the most common ones. Attributes with one value only say nothing and are left out. Then every slice that people saved,
 * by the rows that lie in it, however many those are.
 */
export function slicesOf(rows: readonly ReportRow[]): Slice[] {
  const names = [...new Set(rows.flatMap(row => Object.keys(row.slices)))].sort()
  const saved = names.flatMap((key): Slice[] => {
    const value = savedName(key)
    return value === null
      ? []
      : [{ slice: savedSlice, value, of: rows.filter(row => row.slices[key] === true) }]
  })
  const own = names.filter(key => savedName(key) === null)
  const byAttribute = own.flatMap(slice => {
    const labelOf = labeller(rows.map(row => row.slices[slice] ?? null))
    const byValue = new Map<string | null, ReportRow[]>()
    for (const row of rows) {
      const value = labelOf(row.slices[slice] ?? null)
      byValue.set(value, [...(byValue.get(value) ?? []), row])
    }
    if (byValue.size < 2) return []
    return [...byValue]
      .map(([value, of]) => ({ slice, value, of }))
      .sort((a, b) => b.of.length - a.of.length || String(a.value).localeCompare(String(b.value), 'en'))
      .slice(0, mostValues)
  })
  return [...byAttribute, ...saved]
}

function labeller(values: readonly (string | number | boolean | null)[]) {
  const numbers = values.filter(value => typeof value === 'number').sort((a, b) => a - b)
  const plain = (value: string | number | boolean | null) => (value === null ? null : String(value))
  if (new Set(numbers).size <= fewNumbers) return plain
  const cut = (share: number) =>
    numbers[Math.min(numbers.length - 1, Math.floor(numbers.length * share))] as number
  const [first, second] = [cut(1 / 3), cut(2 / 3)]
  return (value: string | number | boolean | null) => {
    if (typeof value !== 'number') return plain(value)
    return value < first
      ? `below ${first}`
      : value < second
        ? `${first} to below ${second}`
        : `${second} and more`
  }
}

/** Whether an attribute of an input lies in a slice that a report calls so: a value, or a part of numbers. */
export function inSlice(attribute: string | number | boolean | null, label: string | null): boolean {
  if (typeof attribute !== 'number' || label === null || label === String(attribute))
    return label === (attribute === null ? null : String(attribute))
  const [, below] = /^below (\S+)$/.exec(label) ?? []
  const [, from, to] = /^(\S+) to below (\S+)$/.exec(label) ?? []
  const [, least] = /^(\S+) and more$/.exec(label) ?? []
  if (below !== undefined) return attribute < Number(below)
  if (from !== undefined) return attribute >= Number(from) && attribute < Number(to)
  return least !== undefined && attribute >= Number(least)
}

function calibrationOf(rows: readonly ReportRow[]): CalibrationBin[] {
  return Array.from({ length: calibrationBins }, (_, bin) => {
    const of = rows.filter(
      row => row.topConfidence !== null && row.right !== null && binOf(row.topConfidence) === bin,
    )
    const right = wilson(of.filter(row => row.right).length, of.length)
    const sum = of.reduce((total, row) => total + (row.topConfidence ?? 0), 0)
    return {
      from: bin / calibrationBins,
      to: (bin + 1) / calibrationBins,
      n: of.length,
      confidence: of.length === 0 ? null : tidy(sum / of.length),
      right: right && {
        id: 'right',
        value: tidy(right.value),
        low: tidy(right.low),
        high: tidy(right.high),
        n: of.length,
        enough: of.length >= 30,
      },
    }
  })
}
