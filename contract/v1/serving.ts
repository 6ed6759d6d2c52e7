import { z } from 'zod'
import { instant, uuid } from './common'

const estimate = z
  .object({ value: z.number(), low: z.number(), high: z.number(), n: z.number().int() })
  .nullable()
  .meta({ description: 'A share with its 95 % interval; null of nothing' })
const ratio = z
  .object({
    found: z.array(z.number().int()),
    planned: z.array(z.number()),
    p: z.number(),
    mismatch: z
      .boolean()
      .meta({ description: 'p < .001: the division is not the planned one, so comparing arms says nothing' }),
  })
  .nullable()

const armFigures = z.object({
  people: z.number().int(),
  exposures: z.number().int(),
  shown: z.number().int(),
  accepted: estimate,
  corrected: estimate,
  rejected: estimate,
  undone: estimate,
  withheld: estimate,
  failed: estimate,
  latencyP90Ms: z.number().nullable(),
})
export type ArmFigures = z.infer<typeof armFigures>

/** Who answers now, and how trials go. */
export const servingStatus = z.object({
  live: z.object({ id: uuid, name: z.string(), since: instant.nullable() }).nullable(),
  earlier: z
    .object({ id: uuid, name: z.string() })
    .nullable()
    .meta({ description: 'What a rollback would put live' }),
  canary: z
    .object({
      id: uuid,
      name: z.string(),
      share: z.number(),
      since: instant,
      arms: z.object({ canary: armFigures, live: armFigures }),
      /** By person: canary, then live. */
      ratio,
    })
    .nullable(),
  shadows: z.array(
    z.object({
      id: uuid,
      name: z.string(),
      since: instant.nullable(),
      asked: z.number().int(),
      dropped: z.number().int(),
      failed: z.number().int(),
      wouldShow: estimate,
      sameFirst: estimate,
      latencyP90Ms: z.number().nullable(),
    }),
  ),
  holdback: z.object({
    share: z.number(),
    /** In the last 28 days, of what would have been shown: left out, then shown. */
    found: z.array(z.number().int()),
    ratio,
  }),
  exploration: z.object({ share: z.number(), most: z.number() }),
  /** Rules by which the version that answers leaves by itself, as they stand in their present window. */
  watch: z.array(
    z.object({
      metric: z.string(),
      bound: z.number(),
      leastN: z.number().int(),
      windowHours: z.number().int(),
      from: instant,
      value: z.number().nullable(),
      n: z.number().int(),
      ratio: z
        .number()
        .nullable()
        .meta({ description: 'Of the sequential test; null while there are too few' }),
      alarmAt: z.number(),
    }),
  ),
  lastChange: z.object({ words: z.string(), by: z.string().nullable(), at: instant }).nullable(),
})
export type ServingStatus = z.infer<typeof servingStatus>
