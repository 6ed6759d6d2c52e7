import { z } from 'zod'
import { evaluationSplits, perturbationIds } from '@/domain/evaluation'
import { instant, pageQuery, uuid } from './common'
import { job } from './jobs'

const count = z.number().int()
const estimate = z.object({
  id: z.string().meta({ description: 'The metric' }),
  value: z.number().nullable(),
  low: z.number().nullable().meta({ description: 'Lower end of the 95 % interval' }),
  high: z.number().nullable(),
  n: count.meta({ description: 'Rows' }),
  enough: z.boolean().meta({ description: 'False below 30 rows: too few to tell' }),
})

const metric = z.object({
  id: z.string(),
  label: z.string(),
  describes: z.string(),
  higherIsBetter: z.boolean(),
  kind: z.enum(['share', 'number']),
  unit: z.string().optional(),
})

const report = z.object({
  metrics: z.array(metric),
  overall: z.array(estimate),
  slices: z.array(
    z.object({ slice: z.string(), value: z.string().nullable(), n: count, metrics: z.array(estimate) }),
  ),
  perturbations: z.array(z.object({ id: z.enum(perturbationIds), n: count, metrics: z.array(estimate) })),
  calibration: z
    .array(
      z.object({
        from: z.number(),
        to: z.number(),
        n: count,
        confidence: z.number().nullable(),
        right: estimate.nullable(),
      }),
    )
    .meta({ description: 'Tenths of the first confidence: how sure it was, how often it was right' }),
  counts: z.object({
    rows: count,
    answered: count,
    silent: count,
    failed: count,
    withoutTruth: count,
    erased: count,
    unsafe: count,
    right: count,
  }),
  contamination: z
    .object({
      known: z.boolean().meta({ description: 'False where nobody said what the version learned from' }),
      rows: count,
      list: z.array(z.object({ number: count, by: z.enum(['row', 'group', 'cluster']) })),
    })
    .meta({
      description: 'Measured rows that the version may have learned from; the first hundred are listed',
    }),
})

const cost = z.object({
  latency: z
    .object({ p50: estimate, p90: estimate, p99: z.number(), n: count })
    .nullable()
    .meta({ description: 'Milliseconds' }),
  sizeMb: z.number().nullable(),
  memoryMb: z.number().nullable(),
  costMicrosPer1000: z
    .number()
    .nullable()
    .meta({ description: 'Millionths of `currency` for 1,000 answers' }),
  currency: z.string().nullable(),
})

export const evaluation = z.object({
  id: uuid,
  model: z.object({ id: uuid, name: z.string(), versionId: uuid, version: z.string(), stage: z.string() }),
  dataset: z.object({ slug: z.string(), name: z.string(), version: count, versionId: uuid }),
  split: z.enum(evaluationSplits),
  kind: z.enum(['measure', 'cross-validation']),
  state: z.enum(['running', 'done', 'failed', 'cancelled']),
  options: z.record(z.string(), z.unknown()),
  inputsHash: z.string().meta({ description: 'Evaluations are comparable exactly when these are equal' }),
  inputs: z.record(z.string(), z.unknown()).meta({ description: 'What went into `inputsHash`, in words' }),
  report: report.nullable().meta({ description: 'Null until it is done' }),
  reportSha256: z
    .string()
    .nullable()
    .meta({ description: 'Over the canonical JSON of `report`: equal for an equal version on equal inputs' }),
  cost: cost.nullable().meta({ description: 'What differs from run to run' }),
  failure: z.string().nullable(),
  createdBy: z.string().nullable(),
  createdAt: instant,
  doneAt: instant.nullable(),
  job: job.nullable(),
})
export type Evaluation = z.infer<typeof evaluation>

export const evaluationQuery = pageQuery.extend({
  modelVersionId: uuid.optional(),
  datasetVersionId: uuid.optional(),
  state: z.enum(['running', 'done', 'failed', 'cancelled']).optional(),
})
export const evaluationPage = z.object({
  evaluations: z.array(evaluation),
  nextCursor: z.string().nullable(),
})
export type EvaluationPage = z.infer<typeof evaluationPage>
