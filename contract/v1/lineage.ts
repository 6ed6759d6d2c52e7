import { z } from 'zod'
import { splitReasons, splits } from '@/domain/dataset-split'
import { instant, uuid } from './common'
import { versionParams } from './datasets'

const count = z.number().int()
const scalar = z.union([z.string(), z.number(), z.boolean(), z.null()])

export const rowLineageParams = versionParams.extend({
  row: z
    .string()
    .regex(/^\d{1,9}$/, 'must be the number of a row')
    .meta({ description: 'The number of the row in its version' }),
})

const place = z.object({
  dataset: z.string().meta({ description: 'Its slug' }),
  name: z.string(),
  number: count,
})
const modelRef = z.object({ id: uuid, model: z.string(), version: z.string() })

const lineageValue = z.object({
  text: z.string().nullable().meta({ description: 'Null once it was erased' }),
  origin: z.enum(['suggestion', 'written']),
  candidateId: uuid.nullable(),
  verdict: z.enum(['good', 'usable', 'wrong']).nullable(),
  hash: z.string().meta({ description: 'Salted SHA-256 of the value, as the row keeps it' }),
})

const lineageExposure = z.object({
  id: uuid,
  at: instant,
  by: z.string().meta({ description: 'Pseudonym of whom it was made for' }),
  role: z.string(),
  ground: z.boolean().meta({ description: 'The decision on this one is the row' }),
  shown: z.boolean(),
  suppressedReason: z.string().nullable(),
  arm: z.string(),
  mode: z.string(),
  blind: z.boolean(),
  holdback: z.boolean(),
  eligible: z.boolean(),
  eligiblePropensity: z.number().nullable(),
  policyVersion: z.string().nullable(),
  thresholdVersion: z.string().nullable(),
  consentVersion: count.nullable(),
  guardrails: z.array(z.unknown()),
  slices: z.record(z.string(), scalar),
  candidates: z.array(
    z.object({
      id: uuid,
      rank: count,
      confidence: z.number(),
      propensity: z.number().nullable(),
      text: z.string().nullable(),
    }),
  ),
  model: modelRef.nullable(),
})

const lineageEvent = z.object({
  id: uuid,
  of: z.enum(['feedback', 'review']),
  on: uuid.meta({ description: 'The exposure or the queue entry' }),
  type: z.string(),
  at: instant,
  by: z.string().nullable().meta({ description: 'Pseudonym; null for the server' }),
  role: z.string(),
  standing: z
    .enum(['active', 'undone', 'pending', 'no_op'])
    .meta({ description: 'What it counts for today' }),
  atFreeze: z
    .enum(['active', 'undone', 'pending', 'no_op', 'later'])
    .meta({ description: 'What it counted for when the version was frozen; `later`: it came after' }),
  ground: z.boolean().meta({ description: 'The row rests on it' }),
  targetEventId: uuid.nullable(),
  reason: z.string().nullable(),
})
export type LineageEvent = z.infer<typeof lineageEvent>

const lineageModel = modelRef.extend({
  learning: z.enum(['none', 'memory', 'trained']),
  outOfServiceReason: z.string().nullable(),
  trainingRows: count.meta({
    description: 'What it was trained on, row by row; 0 for one that was registered',
  }),
  withdrawnRows: count,
  trainedOn: z.array(place).meta({ description: 'Dataset versions that gave it rows' }),
})

export const rowLineage = z.object({
  of: place,
  row: z.object({
    number: count,
    erased: z.boolean(),
    title: z.string().nullable(),
    label: z.string().nullable().meta({ description: 'The decision, or the source of the resolution' }),
    values: z.array(lineageValue),
    rejected: z.array(lineageValue),
    annotators: z.array(z.string()),
    decidedAt: instant,
    agreement: z.number().nullable(),
    modelInfluenced: z.boolean(),
    blind: z.boolean(),
    strategy: z.string(),
    inclusionProbability: z.number().nullable(),
    propensity: z.number().nullable(),
    licence: z.string().nullable(),
    consentVersion: count.nullable(),
    redacted: z.array(z.string()),
    rowHash: z.string(),
  }),
  item: z.object({
    id: uuid,
    externalId: z.string().nullable(),
    groupId: z.string().nullable(),
    licence: z.string().nullable(),
    sample: z.boolean(),
    simulated: z.boolean(),
    createdAt: instant,
    excludedAt: instant.nullable(),
    erasedAt: instant.nullable(),
    import: z.object({ id: uuid, fileName: z.string(), line: count }).nullable(),
    queues: z.array(
      z.object({
        entryId: uuid,
        queueId: uuid,
        queue: z.string(),
        strategy: z.string(),
        poolSize: count,
        inclusionProbability: z.number().nullable(),
        seed: z.string().nullable(),
        rank: count,
        score: z.number().nullable(),
        at: instant,
        ground: z.boolean().meta({ description: 'What was judged here is the row' }),
      }),
    ),
  }),
  exposures: z.array(lineageExposure).meta({ description: 'Of the item, oldest first; the newest 50' }),
  events: z.array(lineageEvent).meta({ description: 'On what the row rests, in order' }),
  model: lineageModel.nullable().meta({ description: 'Whose suggestion it was about' }),
  specification: z.object({ version: count, at: instant }).nullable(),
  findings: z.array(
    z.object({
      check: z.string(),
      level: z.enum(['blocking', 'warning']),
      waived: z.boolean(),
      score: z.number().nullable(),
      other: count.nullable().meta({ description: 'Of a pair: the other row' }),
    }),
  ),
  split: z.object({
    split: z.enum(splits),
    reason: z.enum(splitReasons).nullable().meta({ description: 'Null in versions of before' }),
    groupKey: z.string(),
    cluster: z.string().nullable(),
    first: place
      .extend({ split: z.enum(splits) })
      .nullable()
      .meta({ description: 'Where the group was first, and in which split' }),
  }),
  wentTo: z.object({
    versions: z
      .array(place.extend({ row: count, split: z.enum(splits) }))
      .meta({ description: 'Later versions that hold the same item; the first 50' }),
    models: z
      .array(modelRef.extend({ row: count, withdrawn: z.boolean() }))
      .meta({ description: 'Model versions that learned from it; the first 50' }),
  }),
})
export type RowLineage = z.infer<typeof rowLineage>

export const versionLineage = z.object({
  of: place,
  recipe: z.string().meta({ description: 'SHA-256 of the definition: the same recipe has the same hash' }),
  parent: place.nullable(),
  sources: z.object({
    rows: count,
    items: count,
    people: count.meta({ description: 'How many said what is in it' }),
    feedback: z
      .array(z.object({ model: modelRef.nullable(), rows: count }))
      .meta({ description: "People's decisions, by the model version they were about" }),
    queues: z.array(z.object({ id: uuid, queue: z.string(), strategy: z.string(), rows: count })),
    adjudicated: count,
    imports: z
      .array(z.object({ id: uuid, fileName: z.string(), rows: count }))
      .meta({ description: 'Files that brought the items' }),
    importedValues: count.meta({ description: 'Rows whose value a file brought' }),
  }),
  wentTo: z.object({
    versions: z
      .array(place.extend({ rows: count, why: z.enum(['parent', 'successor', 'same-items']) }))
      .meta({ description: 'Later versions that hold the same items; the 20 with most of them' }),
    models: z.array(modelRef.extend({ stage: z.string(), rows: count, fromHere: z.boolean() })).meta({
      description:
        'Model versions with training rows from the same events; `fromHere`: trained on this very version',
    }),
    downloads: z.array(z.object({ consumer: z.string(), times: count, last: instant })),
  }),
})
export type VersionLineage = z.infer<typeof versionLineage>
