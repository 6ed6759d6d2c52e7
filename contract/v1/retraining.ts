import { z } from 'zod'
import { retrainingSteps, retrainingWishSchema } from '@/domain/retraining'
import { instant, uuid } from './common'

export const retrainingRun = z.object({
  id: uuid,
  planId: uuid,
  cause: z.enum(['demand', 'schedule', 'new-truth']),
  step: z.enum(retrainingSteps),
  state: z.enum(['running', 'waiting', 'done', 'stopped', 'failed', 'cancelled']),
  /** Each step that was begun. */
  log: z.array(z.object({ step: z.enum(retrainingSteps), at: instant, words: z.string() })),
  reason: z.string().nullable(),
  jobId: uuid.nullable(),
  datasetVersionId: uuid.nullable(),
  modelVersionId: uuid.nullable(),
  gateResultId: uuid.nullable(),
  createdAt: instant,
  endedAt: instant.nullable(),
})
export type RetrainingRun = z.infer<typeof retrainingRun>

export const retrainingPlan = z.object({
  id: uuid,
  modelId: uuid,
  dataset: z.object({ id: uuid, slug: z.string(), name: z.string() }),
  wish: retrainingWishSchema,
  enabled: z.boolean(),
  nextAt: instant.nullable(),
  /** Signs what is sent to the webhook. Told to those who may change the plan. */
  signingSecret: z.string().nullable(),
  runs: z.array(retrainingRun).meta({ description: 'The latest ten, newest first' }),
})
export type RetrainingPlan = z.infer<typeof retrainingPlan>
export const retrainingList = z.object({ plans: z.array(retrainingPlan) })
export type RetrainingList = z.infer<typeof retrainingList>

export const setRetrainingBody = z
  .object({
    dataset: z.string().min(1).max(100).meta({ description: 'Slug or id of the dataset that is frozen' }),
    wish: retrainingWishSchema,
    enabled: z.boolean().default(true),
  })
  .strict()
export type SetRetrainingBody = z.output<typeof setRetrainingBody>
export const setRetrainingAnswer = z.object({ actionId: uuid, planId: uuid })
export type SetRetrainingAnswer = z.infer<typeof setRetrainingAnswer>
export const startedRun = z.object({ runId: uuid })
export type StartedRun = z.infer<typeof startedRun>

export const answerRunBody = z
  .object({
    token: z.string().min(1).max(200).meta({ description: 'As the call brought it' }),
    modelVersionId: uuid.optional().meta({ description: 'The version that was trained and registered' }),
    failed: z.string().trim().min(1).max(1000).optional().meta({ description: 'Why there is none' }),
  })
  .strict()
  .refine(body => (body.modelVersionId === undefined) !== (body.failed === undefined), {
    message: 'give either modelVersionId or failed',
    path: ['modelVersionId'],
  })
