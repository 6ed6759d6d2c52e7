import { z } from 'zod'
import { mlflowVersionPattern } from '@/domain/mlflow'
import { uuid } from './common'
import { stage } from './models'

export const importMlflowBody = z
  .object({
    model: z
      .string()
      .trim()
      .min(1)
      .max(256)
      .meta({ description: 'The name of the registered model in MLflow' }),
    version: z
      .string()
      .trim()

      .regex(mlflowVersionPattern, 'must be a version’s number, or an alias as @champion')
      .meta({ description: 'Its number, or an alias as `@champion`' }),
    name: z
      .string()
      .trim()
      .min(1)
      .max(100)
      .optional()
      .meta({ description: 'What it is called here; as in MLflow unless told' }),
  })
  .strict()
export type ImportMlflowBody = z.output<typeof importMlflowBody>

export const importMlflowAnswer = z.object({
  id: uuid,
  modelId: uuid,
  model: z.string(),
  version: z.string(),
  stage,
  made: z.boolean().meta({ description: 'False where it was imported before: it is that version' }),
  actionId: uuid.nullable().meta({ description: 'Undo it by this id' }),
  trainedOn: z
    .object({ slug: z.string(), version: z.number().int() })
    .nullable()
    .meta({ description: 'The frozen version here that its run names by hash' }),
})
export type ImportMlflowAnswer = z.infer<typeof importMlflowAnswer>

export const logMlflowBody = z
  .object({
    evaluationId: uuid
      .optional()
      .meta({ description: 'Whose numbers; the latest of the version unless told' }),
  })
  .strict()
export const logMlflowAnswer = z.object({
  runId: z.string(),
  experimentId: z.string(),
  page: z.string().meta({ description: 'The run’s page in MLflow' }),
  again: z
    .boolean()
    .meta({ description: 'True where a run of this version was there: it was brought up to date' }),
  evaluationId: uuid.nullable().meta({ description: 'Null where the version was never measured' }),
  files: z.boolean().meta({
    description:
      'Whether card and report went along as files. False where MLflow does not take files itself: the card then is in the description alone',
  }),
  actionId: uuid,
})
export type LogMlflowAnswer = z.infer<typeof logMlflowAnswer>
