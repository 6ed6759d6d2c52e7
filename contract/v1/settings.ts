import { z } from 'zod'
import { guardrailSettingsSchema } from '@/domain/guardrails'
import { mlflowSettingsSchema } from '@/domain/mlflow'
import {
  guardrailPatchSchema,
  isTimeZone,
  modes,
  servingPatchSchema,
  servingSchema,
} from '@/domain/project-settings'
import { uuid } from './common'

export const mode = z.enum(modes)

export const settings = z.object({
  name: z.string(),
  slug: z.string(),
  taskType: z.string(),
  taskLabel: z.string(),
  harmClass: z.enum(['low', 'medium', 'high']),
  /** What a wrong output can cause here. */
  harmMeans: z.string(),
  mode,
  allowedModes: z.array(mode),
  timeZone: z.string(),
  guardrails: guardrailSettingsSchema.required(),
  limits: z
    .array(
      z.object({
        id: z.string(),
        label: z.string(),
        hint: z.string(),
        from: z.number(),
        to: z.number(),
        value: z.number().meta({ description: 'What holds while `guardrails.limits` does not name it' }),
      }),
    )
    .meta({ description: "Limits of the task's own" }),
  serving: servingSchema.required(),
  /** The largest share of exposures whose order may be drawn by lot, by the harm class. */
  mostExplored: z.number(),
  redactBeforeReview: z
    .boolean()
    .meta({ description: 'Personal data is taken out of items before anybody who reviews reads them' }),
  mlflow: z
    .object({ url: z.string(), tokenVariable: z.string().optional(), experiment: z.string() })
    .nullable()
    .meta({ description: 'The MLflow server that versions are imported from and logged to' }),
})
export type Settings = z.infer<typeof settings>

export const changeSettingsBody = z
  .object({
    name: z.string().trim().min(1).max(100).optional(),
    mode: mode.optional(),
    timeZone: z
      .string()
      .max(100)
      .refine(isTimeZone, 'must be a name of the IANA time zone database, as Europe/Lisbon')
      .optional(),
    guardrails: guardrailPatchSchema.optional(),
    serving: servingPatchSchema.optional(),
    redactBeforeReview: z.boolean().optional(),
    mlflow: mlflowSettingsSchema.nullable().optional().meta({
      description:
        '`{ url, tokenVariable?, experiment? }`. `tokenVariable` names the environment variable of the server that holds a bearer token, or `user:password`, as AMEND_MLFLOW_TOKEN; it is sent only where AMEND_MLFLOW_TOKEN_ORIGIN names the origin of `url`. Null: no server',
    }),
  })
  .strict()
export type ChangeSettings = z.infer<typeof changeSettingsBody>
/** `actionId` is null when nothing differed. */
export const changeSettingsAnswer = z.object({ settings, actionId: uuid.nullable() })
export type ChangeSettingsAnswer = z.infer<typeof changeSettingsAnswer>
