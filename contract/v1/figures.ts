import { z } from 'zod'
import { instant, projectParams, uuid } from './common'
import { verdictInput } from './review'

/** A share with its 95 % interval (Wilson); null of nothing. */
const share = z
  .object({ value: z.number(), low: z.number(), high: z.number(), n: z.number().int() })
  .nullable()
const difference = z.object({ value: z.number(), low: z.number(), high: z.number() }).nullable()

const verdictCounts = z.object({
  good: z.number().int(),
  usable: z.number().int(),
  wrong: z.number().int(),
})

const personFigures = z.object({
  pseudonym: z.string(),
  name: z.string().nullable().meta({ description: 'Null where the person is known by pseudonym only' }),
  simulated: z.boolean(),
  items: z.number().int(),
  verdicts: verdictCounts,
  medianActiveMs: z.number().nullable(),
  gold: share,
  caught: share.meta({ description: 'Suggestions known to be wrong that were not called good' }),
  practice: z
    .object({
      state: z.enum(['none', 'running', 'failed', 'passed', 'waived']),
      round: z.number().int(),
      judged: z.number().int(),
      right: z.number().int(),
      of: z.number().int(),
    })
    .nullable()
    .meta({ description: 'Null where the queue has no practice round' }),
})
export type PersonFigures = z.infer<typeof personFigures>

const biasFigures = z.object({
  shown: share,
  blind: share,
  difference,
  overReliance: share,
  overRelianceDifference: difference,
  underReliance: share,
  switched: share,
  caught: share,
  definition: z.string(),
})
export type BiasBlock = z.infer<typeof biasFigures>

export const queueFigures = z.object({
  queue: z.object({ id: uuid, name: z.string() }),
  enough: z.number().int().meta({ description: 'Below this n an estimate says too little' }),
  people: z.array(personFigures),
  bias: biasFigures,
  simulated: z.boolean().meta({ description: 'Simulated annotators are counted: a demo project' }),
})
export type QueueFigures = z.infer<typeof queueFigures>

export const myFigures = z.object({
  items: z.number().int(),
  verdicts: verdictCounts,
  activeMinutes: z.number(),
  activeDefinition: z.string(),
  gold: share,
  enough: z.number().int(),
  /** Known items that the caller got wrong, answered more than a day ago. */
  missed: z.array(
    z.object({
      title: z.string(),
      queue: z.string(),
      yours: z.array(verdictInput),
      expected: z.array(verdictInput),
      candidates: z.array(z.object({ candidateId: uuid, text: z.string() })),
      texts: z.array(z.string()),
      explanation: z.string(),
      at: instant,
    }),
  ),
})
export type MyFigures = z.infer<typeof myFigures>

const day = z.iso.date()
export const daysQuery = z.object({
  from: day
    .optional()
    .meta({ description: 'First day, in the project’s time zone; 30 days ago unless told' }),
  to: day.optional().meta({ description: 'Last day; today unless told' }),
})
export const figuresParams = projectParams
