import { z } from 'zod'
import { instant, uuid } from './common'
import { suggestion } from './suggest'

const surgeRule = z.object({ slope: z.number(), cap: z.number(), automaticUpTo: z.number() })

/** A period that is still to come, with what the caller was shown and decided about it last. */
export const demandPeriod = z.object({
  id: uuid,
  time: z.string().meta({ description: 'On the series’ own clock, as `2026-03-29` or `2026-03-29T14:00`' }),
  event: z.string().nullable(),
  exposure: z
    .object({
      exposureId: uuid,
      shown: z.boolean(),
      seen: z.boolean().meta({ description: 'Its `shown` has arrived' }),
      reason: z.object({ code: z.string(), text: z.string() }).nullable(),
      candidates: z.array(suggestion),
      decision: z
        .object({
          eventId: uuid,
          type: z.enum(['accepted', 'corrected', 'written', 'dismissed', 'rejected']),
          value: z.number().nullable(),
          reason: z.string().nullable(),
          batchId: uuid.nullable().meta({ description: 'Shared by decisions that were one act' }),
          decidedAt: instant,
        })
        .nullable(),
    })
    .nullable()
    .meta({ description: 'Null where a forecast has to be asked for (again)' }),
})
export type DemandPeriod = z.infer<typeof demandPeriod>

const spread = z.object({ low: z.number(), high: z.number(), within: z.number(), n: z.number().int() })

/** The version that answers the caller, as far as it knows this series: enough to forecast without the server. */
const onDevice = z.object({
  modelVersionId: uuid,
  fitted: z.object({
    unit: z.string().nullable(),
    from: z.string(),
    to: z.string(),
    rows: z.number().int(),
    intercept: z.number(),
    weights: z.record(z.string(), z.number()),
    hourly: z.boolean(),
    spreads: z.object({ all: spread.optional(), weekday: spread.optional(), weekend: spread.optional() }),
  }),
  threshold: z.number().meta({ description: 'Forecasts of a lower confidence are not shown' }),
})

export const demandPage = z.object({
  series: z.array(z.string()).meta({ description: 'All series of the project, in order' }),
  selected: z.string().nullable(),
  unit: z.string().nullable(),
  period: z.enum(['hour', 'day', 'week', 'month']).nullable(),
  /** What is known of the series, and what is missing. */
  known: z.object({
    n: z.number().int(),
    from: z.string().nullable(),
    to: z.string().nullable(),
    gaps: z
      .number()
      .int()
      .nullable()
      .meta({ description: 'Missing among the newest; null where times lie irregularly' }),
    corrected: z.number().int(),
  }),
  history: z.array(z.object({ time: z.string(), value: z.number() })).meta({ description: 'Oldest first' }),
  periods: z.array(demandPeriod).meta({ description: 'Still to come, soonest first' }),
  settled: z
    .array(
      z.object({
        id: uuid,
        time: z.string(),
        forecast: z.number().nullable(),
        low: z.number().nullable(),
        high: z.number().nullable(),
        mine: z.number().nullable().meta({ description: 'The number that the caller kept' }),
        outcome: z.number(),
      }),
    )
    .meta({ description: 'Decided by the caller, and known by now; newest first' }),
  outcomes: z
    .array(
      z.object({
        id: uuid,
        time: z.string(),
        value: z.number(),
        corrected: z.number().int().meta({ description: 'How many values stood before this one' }),
        source: z.enum(['api', 'import', 'event']),
        by: z
          .object({ me: z.boolean(), name: z.string().nullable() })
          .nullable()
          .meta({ description: 'Who said it; null where a machine did' }),
        at: instant.meta({ description: 'When it became known here' }),
      }),
    )
    .nullable()
    .meta({ description: 'What came of each known period, newest first; for those who may correct it' }),
  surge: z.object({
    rule: surgeRule,
    usual: z.number().nullable(),
    mode: z.enum(['augment', 'prompt', 'automate']),
  }),
  onDevice: onDevice.nullable().meta({
    description:
      'Null where the version can’t run in a page, has not learned the series, or nothing may be suggested',
  }),
  serverTime: instant,
})
export type DemandPage = z.infer<typeof demandPage>
export type KnownOutcome = NonNullable<DemandPage['outcomes']>[number]

export const demandQuery = z.object({ series: z.string().min(1).max(100).optional() })
