import { z } from 'zod'
import { instant, pageQuery, uuid } from './common'

/** One event of a batch that was refused, by its place in it. */
const arrivalRefusal = z.object({
  at: z.number().int(),
  type: z.string(),
  code: z.string(),
  field: z.string().nullable(),
  detail: z.string(),
})

/** A request as the inspector tells of it: who, what, and what was answered. Never what people wrote. */
export const arrival = z.object({
  id: uuid,
  at: instant,
  caller: z.enum(['person', 'key', 'unknown']),
  key: z.object({ id: uuid, name: z.string(), prefix: z.string() }).nullable(),
  origin: z.string().nullable(),
  pseudonym: z.string().nullable(),
  method: z.string(),
  route: z.string().meta({ description: 'As the route is declared, without ids' }),
  status: z.number().int(),
  code: z.string().nullable(),
  detail: z.string().nullable(),
  field: z.string().nullable(),
  events: z
    .object({
      types: z.array(z.string()),
      count: z.number().int(),
      refused: z.number().int(),
      refusals: z.array(arrivalRefusal),
    })
    .nullable()
    .meta({ description: 'Of feedback: what was in it, and which events were refused' }),
  leftOut: z
    .number()
    .int()
    .nullable()
    .meta({ description: 'This many requests more came just then and are not listed one by one' }),
  tookMs: z.number(),
})
export type Arrival = z.infer<typeof arrival>

export const arrivalsQuery = pageQuery.extend({
  after: z.string().max(500).optional().meta({
    description: 'From `newestCursor` of an answer before: only what is newer, and a little overlap',
  }),
  refused: z.enum(['only']).optional(),
  key: uuid.optional(),
  origin: z.string().max(300).optional(),
})

export const arrivalPage = z.object({
  arrivals: z.array(arrival),
  nextCursor: z.string().nullable().meta({ description: 'Older ones' }),
  newestCursor: z.string().nullable(),
  serverTime: instant,
})
export type ArrivalPage = z.infer<typeof arrivalPage>
