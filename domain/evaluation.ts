import { z } from 'zod'
import { splits } from './dataset-split'
import type { MetricEstimate, MetricFacts } from './metrics/metric'
import type { SavedSlice } from './saved-slice'

/** What may be done to an input before a version is asked, to see how it bears it. A task says which of them it can do. */
export const perturbationIds = ['typos', 'case', 'language', 'darkness', 'crop'] as const
export type PerturbationId = (typeof perturbationIds)[number]

export const evaluationSplits = [...splits, 'all'] as const
export type EvaluationSplit = (typeof evaluationSplits)[number]

/** How a version is measured. Equal options on an equal version give equal bytes. */
export const evaluationOptionsSchema = z
  .object({
    perturbations: z
      .array(z.enum(perturbationIds))
      .max(perturbationIds.length)
      .refine(all => new Set(all).size === all.length, 'names one twice')
      .default([]),
    /** Cross-validation in so many folds of whole groups; null measures the version as it is. */
    folds: z.number().int().min(2).max(20).nullable().default(null),
    /** Resamples of the bootstrap. */
    draws: z.number().int().min(100).max(10_000).default(1000),
    seed: z.number().int().min(0).max(2_147_483_647).default(1),
  })
  .strict()
export type EvaluationOptions = z.output<typeof evaluationOptionsSchema>

/** Estimates over the rows of one slice. `value` null: rows that have no value for it. */
export interface SliceReport {
  slice: string
  value: string | null
  n: number
  metrics: MetricEstimate[]
}

/** Of rows whose first confidence lies between `from` and `to`: how sure the version was, how often it was right. */
export interface CalibrationBin {
  from: number
  to: number
  n: number
  confidence: number | null
  right: MetricEstimate | null
}

/** A measured row that the version may have learned from: by the row itself, its group or its cluster. */
export interface ContaminatedRow {
  number: number
  by: 'row' | 'group' | 'cluster'
}

/** Everything that is the same when the same version is measured on the same inputs again. */
export interface EvaluationReport {
  metrics: MetricFacts[]
  overall: MetricEstimate[]
  slices: SliceReport[]
  /** The rules of the slices that people had saved when it began; left out where there were none. */
  saved?: SavedSlice[]
  perturbations: { id: PerturbationId; n: number; metrics: MetricEstimate[] }[]
  calibration: CalibrationBin[]
  counts: {
    rows: number
    answered: number
    silent: number
    failed: number
    withoutTruth: number
    erased: number
    unsafe: number
    right: number
  }
  contamination: {
    /** `unknown`: its owner did not say what it learned from. */
    known: boolean
    rows: number
    /** The first hundred. */
    list: ContaminatedRow[]
  }
}

/** What differs from run to run. Milliseconds; megabytes; millionths of `currency`; null where not known. */
export interface EvaluationCost {
  latency: { p50: MetricEstimate; p90: MetricEstimate; p99: number; n: number } | null
  sizeMb: number | null
  memoryMb: number | null
  costMicrosPer1000: number | null
  currency: string | null
}
