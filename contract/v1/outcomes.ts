import { z } from 'zod'
import { uuid } from './common'

/** What came of one item, which is named by its id, by your own name for it, or by its input. */
export const outcomeInput = z
  .object({
    itemId: uuid.optional(),
    externalId: z.string().min(1).max(200).optional(),
    payload: z.unknown().optional().meta({ description: 'The input: found where it is known, else added' }),
    value: z
      .unknown()
      .meta({ description: "What it came to, in the task's value schema, or the number alone" }),
  })
  .strict()

export const recordOutcomesBody = z.object({
  /** Checked one by one: a wrong one is refused by its place, the others are stored. */
  outcomes: z.array(z.unknown()).min(1).max(1000),
})

export const outcomeAnswer = z.object({
  status: z.enum(['stored', 'corrected', 'known', 'refused']).meta({
    description: '`corrected`: another value stood until now. `known`: the same value stands already.',
  }),
  itemId: uuid.nullable(),
  code: z.string().optional(),
  detail: z.string().optional(),
  field: z.string().optional(),
})
export type OutcomeAnswer = z.infer<typeof outcomeAnswer>

export const recordOutcomesAnswer = z.object({
  outcomes: z.array(outcomeAnswer),
  actionId: uuid.nullable().meta({ description: 'Undo it by this id; null where nothing changed' }),
})
export type RecordOutcomesAnswer = z.infer<typeof recordOutcomesAnswer>

const errors = z.object({ mae: z.number(), rmse: z.number(), mape: z.number().nullable() })
const mean = z.object({
  value: z.number(),
  low: z
    .number()
    .nullable()
    .meta({ description: 'Of the 95 % interval; null where one group alone is known' }),
  high: z.number().nullable(),
  n: z.number().int(),
  groups: z.number().int(),
})
export type MeanFigure = z.infer<typeof mean>

export const outcomeScore = z.object({
  slice: z.object({ name: z.string(), value: z.string() }).nullable().meta({ description: 'Null for all' }),
  n: z.number().int(),
  model: errors.nullable(),
  person: errors.nullable(),
  /** Absolute error of the person less that of the model, row by row: below 0 the person was nearer. */
  difference: mean.nullable(),
  nearer: z.object({ person: z.number().int(), model: z.number().int(), same: z.number().int() }),
})
export type OutcomeScore = z.infer<typeof outcomeScore>

/** What becomes of people's own numbers when they see a forecast first. */
export const anchoring = z.object({
  /** Distance of a person's number from the forecast as a share of the forecast: with it in view, and held back. */
  withForecast: mean.nullable(),
  heldBack: mean.nullable(),
  /** How much nearer to the forecast people end when they see it: held back less with, as a share of the forecast. */
  pull: z.object({ value: z.number(), low: z.number(), high: z.number() }).nullable(),
  /** Absolute error of people's numbers against the truth as a share of the truth, with and without. */
  errorWith: mean.nullable(),
  errorHeldBack: mean.nullable(),
})
export type Anchoring = z.infer<typeof anchoring>

export const outcomeScores = z.object({
  /** Items whose outcome is known, and how many of them were corrected later. */
  known: z.number().int(),
  corrected: z.number().int(),
  /** Simulated rows are counted in the demo only. */
  simulated: z.boolean(),
  scores: z.array(outcomeScore),
  anchoring,
})
export type OutcomeScores = z.infer<typeof outcomeScores>
