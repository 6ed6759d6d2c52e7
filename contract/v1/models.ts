import { z } from 'zod'
import { instant, uuid } from './common'

const share = z.object({
  value: z.number().min(0).max(1),
  low: z.number().min(0).max(1).meta({ description: 'Lower end of the 95 % interval' }),
  high: z.number().min(0).max(1),
  n: z.number().int().min(0),
})

const line = z.string().trim().min(1).max(500)
const amount = z.number().min(0).max(1e12)

/** What a version is, how good it was found to be and where it fails. What is unknown is left out, never guessed. */
export const versionCard = z.object({
  summary: z.string().trim().min(1).max(1000),
  goodAt: z.array(line).max(50).default([]),
  failsAt: z.array(line).max(50).default([]),
  trainingData: z
    .array(z.object({ what: line, rows: z.number().int().min(0), licence: line }))
    .max(50)
    .default([]),
  licence: line.optional(),
  offline: z.boolean().optional().meta({ description: 'Answers without a network' }),
  telemetry: z.boolean().optional().meta({ description: 'Tells anybody about its use' }),
  measured: z.object({ at: z.iso.date(), machine: line, how: line }).optional(),
  quality: z
    .array(z.object({ measure: line, how: line, result: share }))
    .max(50)
    .default([]),
  thresholds: z
    .array(z.object({ threshold: z.number().min(0).max(1), precision: share.nullable(), coverage: share }))
    .max(50)
    .default([]),
  cost: z
    .object({
      latencyP50Ms: amount.optional(),
      latencyP95Ms: amount.optional(),
      loadMs: amount.optional(),
      memoryMb: amount.optional(),
      sizeMb: amount.optional(),
      learnMs: amount.optional(),
    })
    .optional(),
  notes: z.array(line).max(50).default([]),
})
export type VersionCard = z.infer<typeof versionCard>

export const registerModelBody = z.object({
  name: z.string().trim().min(1).max(100),
  kind: z.enum(['push', 'http']).meta({
    description:
      '`push`: your own model, whose predictions you push. `http`: one that is asked at an endpoint',
  }),
})
export const registerModelAnswer = z.object({ id: uuid, name: z.string(), kind: z.string() })
export type RegisterModelAnswer = z.infer<typeof registerModelAnswer>

export const registerVersionBody = z.object({
  version: z.string().trim().min(1).max(100),
  card: versionCard,
  codeReference: z
    .string()
    .trim()
    .min(1)
    .max(500)
    .optional()
    .meta({ description: 'Where its code is: a commit, an image digest' }),
  trainingDatasetVersionId: uuid.optional().meta({
    description: 'The frozen dataset version it was trained on: then evaluations say which rows it may know',
  }),
  endpoint: z.record(z.string(), z.unknown()).optional().meta({
    description:
      'Of an `http` model: `{ protocol: amend | openai | kserve | bentoml, url, model?, instructions?, keyVariable?, timeoutMs?, retries?, confidence? }`. `keyVariable` names the environment variable of the server that holds its key, as AMEND_MODEL_KEY_NAME; it is sent only where AMEND_MODEL_KEY_NAME_ORIGIN names the origin of `url`',
  }),
  price: z
    .object({ costMicrosPer1000: z.number().int().min(0), currency: z.string().regex(/^[A-Z]{3}$/) })
    .strict()
    .optional()
    .meta({ description: 'What 1,000 answers cost, in millionths of the currency' }),
  parameters: z
    .record(z.string().max(100), z.union([z.string().max(500), z.number(), z.boolean(), z.null()]))
    .refine(all => Object.keys(all).length <= 100, 'holds more than 100 entries')
    .optional()
    .meta({ description: 'Hyperparameters and the like, as its owner names them' }),
})
export const registerVersionAnswer = z.object({
  id: uuid,
  modelId: uuid,
  version: z.string(),
  stage: z.literal('candidate'),
})
export type RegisterVersionAnswer = z.infer<typeof registerVersionAnswer>

export const tryEndpointBody = z
  .object({ endpoint: z.record(z.string(), z.unknown()), payload: z.unknown() })
  .strict()
export const tryEndpointAnswer = z.object({
  status: z.enum(['ok', 'none', 'slow', 'down', 'wrong-shape']),
  detail: z.string().nullable().meta({ description: 'What is wrong, exactly' }),
  latencyMs: z.number(),
  candidates: z.array(z.object({ value: z.unknown(), confidence: z.number() })),
})
export type TryEndpointAnswer = z.infer<typeof tryEndpointAnswer>

export const stage = z.enum(['candidate', 'shadow', 'canary', 'live', 'retired'])
export type Stage = z.infer<typeof stage>

/** The share of people whom a version on trial answers. */
const canaryShare = z.number().gt(0).max(0.5).meta({
  description:
    'Of a canary: the share of people whom it answers, at most 0.5; the same people as long as it grows',
})

export const setStageBody = z.discriminatedUnion('stage', [
  z.object({ stage: z.literal('canary'), share: canaryShare }),
  z.object({ stage: z.enum(['candidate', 'shadow', 'live', 'retired']) }),
])
export type SetStageBody = z.infer<typeof setStageBody>
export const setStageAnswer = z.object({
  actionId: uuid.meta({ description: 'Undo it by this id' }),
  id: uuid,
  stage,
  share: z.number().nullable(),
  retired: z.object({ id: uuid }).nullable().meta({ description: 'The version that was live until now' }),
})
export type SetStageAnswer = z.infer<typeof setStageAnswer>

export const stagePreviewQuery = z.object({
  stage: z.enum(['candidate', 'shadow', 'canary', 'live', 'retired']),
  share: z.coerce.number().gt(0).max(0.5).default(0.1),
})
export const stagePreview = z.object({
  stage,
  people: z
    .number()
    .int()
    .meta({ description: 'Of those who were shown something in the last 28 days, whom it concerns' }),
  peopleAll: z.number().int(),
  perDay: z.number().meta({ description: 'Exposures a day that it would answer, by the last 28 days' }),
  replaces: z.object({ id: uuid, name: z.string() }).nullable(),
  changes: z.array(z.string()).meta({ description: 'What changes, in words' }),
  gates: z.array(
    z.object({
      gate: z.string(),
      required: z.boolean(),
      outcome: z.enum(['pass', 'fail', 'not-enough-data', 'blocked', 'not-judged']),
      waived: z.boolean(),
      words: z.string(),
    }),
  ),
  blocked: z.string().nullable().meta({ description: 'Why it can’t be done, or null' }),
})
export type StagePreview = z.infer<typeof stagePreview>

export const modelVersion = z.object({
  id: uuid,
  version: z.string(),
  stage,
  canaryShare: z
    .number()
    .nullable()
    .meta({ description: 'Of a canary: the share of people whom it answers' }),
  stagedAt: instant.nullable().meta({ description: 'Since when it has its stage' }),
  createdAt: instant,
  codeReference: z.string().nullable(),
  trainingDataset: z
    .object({ versionId: uuid, slug: z.string(), name: z.string(), version: z.number().int() })
    .nullable()
    .meta({ description: 'The frozen dataset version it was trained on' }),
  parameters: z.record(z.string(), z.unknown()),
  learning: z.enum(['none', 'memory', 'trained']),
  trainingRows: z
    .object({ all: z.number().int(), withdrawn: z.number().int() })
    .nullable()
    .meta({ description: 'How many examples it was trained on, and how many of them it dropped since' }),
  outOfServiceAt: instant.nullable(),
  outOfServiceReason: z.string().nullable(),
  /** As it was registered; see `versionCard` for the fields that are known. */
  card: z.record(z.string(), z.unknown()),
})
export type ModelVersion = z.infer<typeof modelVersion>

export const modelList = z.object({
  models: z.array(
    z.object({
      id: uuid,
      name: z.string(),
      kind: z.string(),
      createdAt: instant,
      versions: z.array(modelVersion).meta({ description: 'The live one first, then newest first' }),
    }),
  ),
})
export type ModelList = z.infer<typeof modelList>
