import { z } from 'zod'
import { gateRulesSchema } from '@/domain/gates'
import { idParams, instant, projectParams, uuid } from './common'

const slug = z.string().min(1).max(100).meta({ description: 'The gate’s slug or id' })
export const gateParams = projectParams.extend({ gate: slug })

export const gate = z.object({
  id: uuid,
  slug: z.string(),
  name: z.string(),
  /** Of the present rules; each change is another version. */
  number: z.number().int(),
  rules: gateRulesSchema.required(),
  createdAt: instant,
  changedAt: instant,
})
export type Gate = z.infer<typeof gate>
export const gateList = z.object({ gates: z.array(gate) })
export type GateList = z.infer<typeof gateList>

const name = z.string().trim().min(1).max(100)
export const makeGateBody = z.object({ name, rules: gateRulesSchema }).strict()
export type MakeGateBody = z.output<typeof makeGateBody>
export const changeGateBody = z.object({ rules: gateRulesSchema }).strict()
export const changedGate = z.object({ actionId: uuid.nullable(), gate })
export type ChangedGate = z.infer<typeof changedGate>
export const archivedGate = z.object({ actionId: uuid })
export type ArchivedGate = z.infer<typeof archivedGate>

export const gateCheck = z.object({
  id: z.string(),
  label: z.string(),
  outcome: z.enum(['pass', 'fail', 'not-enough-data', 'blocked', 'not-applicable']),
  words: z.string().meta({ description: 'What was found, with its numbers' }),
  facts: z.record(z.string(), z.union([z.number(), z.string(), z.null()])),
})

export const gateResult = z.object({
  id: uuid,
  gate: z.object({ id: uuid, slug: z.string(), name: z.string(), number: z.number().int() }),
  modelVersion: z.object({ id: uuid, name: z.string() }),
  baseline: z
    .object({ id: uuid, name: z.string() })
    .nullable()
    .meta({ description: 'What was live, and compared with' }),
  evaluationId: uuid,
  baselineEvaluationId: uuid.nullable(),
  datasetVersionId: uuid,
  outcome: z.enum(['pass', 'fail', 'not-enough-data', 'blocked']),
  sentence: z.string(),
  checks: z.array(gateCheck),
  /** How often the frozen set was asked by then, and how often it may be. */
  uses: z.object({ of: z.number().int(), most: z.number().int() }),
  waiver: z
    .object({
      id: uuid,
      role: z.string(),
      by: z.string().nullable(),
      reason: z.string().nullable(),
      at: instant,
    })
    .nullable(),
  createdAt: instant,
})
export type GateResult = z.infer<typeof gateResult>
export const gateResultList = z.object({ results: z.array(gateResult) })
export type GateResultList = z.infer<typeof gateResultList>
export const gateResultQuery = z.object({ modelVersionId: uuid.optional() })

export const judgeGateBody = z
  .object({
    modelVersionId: uuid,
    evaluationId: uuid
      .optional()
      .meta({ description: 'Of that version; without it the latest that the live version shares' }),
  })
  .strict()

export const waiveGateBody = z.object({ reason: z.string().trim().min(10).max(2000) }).strict()
export const waivedGate = z.object({ actionId: uuid, result: gateResult })
export type WaivedGate = z.infer<typeof waivedGate>
export const gateResultParams = idParams
