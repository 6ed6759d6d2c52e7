import { z } from 'zod'
import { evaluationOptionsSchema, evaluationSplits, perturbationIds } from '@/domain/evaluation'
import { perturbationWords } from '@/domain/perturb'
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

export const startEvaluationBody = z
  .object({
    modelVersionId: uuid.optional(),
    model: z
      .object({ name: z.string().min(1).max(100), version: z.string().min(1).max(100) })
      .strict()
      .optional()
      .meta({ description: 'The version by name, in place of `modelVersionId`' }),
    dataset: z.string().min(1).max(100).meta({ description: "The dataset's slug or id" }),
    datasetVersion: z
      .string()
      .min(1)
      .max(40)
      .default('latest')
      .meta({ description: 'Its number, or `latest`' }),
    split: z.enum(evaluationSplits).default('test'),
    options: evaluationOptionsSchema.prefault({}),
  })
  .strict()
  .refine(body => (body.modelVersionId === undefined) !== (body.model === undefined), {
    message: 'give either modelVersionId or model',
    path: ['modelVersionId'],
  })
export type StartEvaluationBody = z.output<typeof startEvaluationBody>

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
  saved: z
    .array(z.object({ id: uuid, name: z.string(), query: z.record(z.string(), z.unknown()) }))
    .optional()
    .meta({
      description:
        'Slices of the explorer as they stood when it began; in `slices` they are `saved slice` by their name. A row lies in one where a decision about its item passes the filter',
    }),
  perturbations: z
    .array(z.object({ id: z.enum(perturbationIds), n: count, metrics: z.array(estimate) }))
    .meta({
      description: perturbationIds.map(id => `\`${id}\`: ${perturbationWords[id].describes}`).join(' '),
    }),
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
  reportSha256: z.string().nullable().meta({
    description:
      'Over the canonical JSON of `report`: equal for an equal version on equal inputs, with the same items in the saved slices',
  }),
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

export const evaluationRowsQuery = z.object({
  after: z.coerce.number().int().min(0).default(0).meta({ description: '`nextAfter` of the page before' }),
  limit: z.coerce.number().int().min(1).max(200).default(50),
  perturbation: z.enum(perturbationIds).optional().meta({ description: 'The rows of a changed input' }),
  only: z
    .enum(['right', 'wrong', 'silent', 'failed', 'unsafe'])
    .optional()
    .meta({ description: 'Rows that ended this way' }),
  slice: z.string().min(1).max(100).optional().meta({ description: 'An attribute, as the report names it' }),
  value: z
    .string()
    .max(200)
    .optional()
    .meta({ description: 'With `slice`: its value as the report names it; none for rows that do not say' }),
  against: uuid.optional().meta({ description: 'Another evaluation on the same inputs, to stand beside' }),
  change: z
    .enum(['won', 'lost', 'newly-wrong', 'newly-right'])
    .optional()
    .meta({ description: 'With `against`: rows that this one does better or worse, or turned over' }),
})

const side = z.object({
  outcome: z.enum(['answered', 'silent', 'failed']),
  proposals: z.array(z.object({ text: z.string(), confidence: z.number() })),
  right: z.boolean().nullable(),
  raw: z.record(z.string(), z.number().nullable()).meta({ description: 'Each metric of this row alone' }),
  unsafe: z.array(z.string()),
  latencyMs: z.number().nullable(),
  failure: z.string().nullable(),
})
export const evaluationRows = z.object({
  rows: z.array(
    z.object({
      number: count,
      itemId: uuid,
      title: z.string().nullable().meta({ description: 'Null where the item was erased' }),
      input: z.string().nullable().meta({ description: 'The words a model reads; null of a picture' }),
      pictureId: uuid.nullable(),
      truths: z.array(z.string()),
      slices: z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()])),
      fold: count.nullable(),
      own: side,
      other: side.nullable().meta({ description: 'Of `against`' }),
    }),
  ),
  nextAfter: count.nullable(),
})
export type EvaluationRows = z.infer<typeof evaluationRows>

const change = estimate.extend({
  better: z.boolean().nullable().meta({ description: 'Null where the interval holds 0' }),
})
export const comparisonQuery = z.object({
  ids: z
    .string()
    .transform(text => text.split(','))
    .pipe(z.array(uuid).min(2).max(6))
    .meta({
      description:
        '2 to 6 evaluations on the same inputs, by comma; the first is what the others are held against',
    }),
})
export const comparison = z.object({
  evaluations: z.array(evaluation),
  metrics: z.array(metric),
  changes: z.array(
    z.object({
      id: uuid.meta({ description: 'The evaluation that is held against the first' }),
      rows: count,
      overall: z.array(change).meta({ description: 'Its value less the first one’s, rows paired' }),
      slices: z.array(z.object({ slice: z.string(), value: z.string().nullable(), n: count, change })),
      flips: z.object({ newlyWrong: count, newlyRight: count, bothRight: count, bothWrong: count }),
      won: count.meta({ description: 'Rows that it does better in the first metric' }),
      lost: count,
    }),
  ),
})
export type Comparison = z.infer<typeof comparison>
