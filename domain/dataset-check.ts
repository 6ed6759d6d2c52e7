import { z } from 'zod'

/**
 * What is looked at before a version is frozen. Each gives one number, and a list of the rows behind it.
 *
 * `leakage`: near-duplicates or groups that stand in more than one split. `duplicates`: near-duplicates within a split.
 * `inclusion-probability`: rows of which nobody knows how likely they were selected. `test-basis`: test rows that were
 * not selected by chance and judged blind. `personal-data`: rows in which a detector found some. `label-noise`: rows
 * whose label the others make unlikely. `balance`: how many times the rarest class or slice the most common one is.
 * `schema`: rows that the task would not take today. `expectations`: rows that miss what a curator wrote.
 * `influenced`: train rows whose author could see a suggestion. `contribution`: the share of whoever said most.
 */
export const checkNames = [
  'leakage',
  'duplicates',
  'inclusion-probability',
  'test-basis',
  'personal-data',
  'label-noise',
  'balance',
  'schema',
  'expectations',
  'influenced',
  'contribution',
] as const
export type CheckName = (typeof checkNames)[number]

/** `blocking` holds a freeze until what was found is mended or waived; `off` is not looked at. */
export const checkLevels = ['blocking', 'warning', 'off'] as const
export type CheckLevel = (typeof checkLevels)[number]

/** What a check is held against: more than `limit` is found. */
export interface CheckRule {
  level: CheckLevel
  limit: number
}

/**
 * What applies where a dataset says nothing. Limits are counts of rows or pairs, but of `test-basis`, `influenced` and
 * `contribution` shares from 0 to 1, and of `balance` how many times.
 */
export const defaultChecks: Record<CheckName, CheckRule> = {
  leakage: { level: 'blocking', limit: 0 },
  duplicates: { level: 'warning', limit: 0 },
  'inclusion-probability': { level: 'warning', limit: 0 },
  'test-basis': { level: 'warning', limit: 0 },
  'personal-data': { level: 'warning', limit: 0 },
  'label-noise': { level: 'warning', limit: 0 },
  balance: { level: 'warning', limit: 10 },
  schema: { level: 'blocking', limit: 0 },
  expectations: { level: 'blocking', limit: 0 },
  influenced: { level: 'warning', limit: 0.8 },
  contribution: { level: 'warning', limit: 0.5 },
}

/** How a dataset departs from the defaults, by check. */
export const checkRulesSchema = z.partialRecord(
  z.enum(checkNames),
  z.object({ level: z.enum(checkLevels).optional(), limit: z.number().min(0).optional() }).strict(),
)

const field = z
  .string()
  .regex(
    /^(?:value|input_text|suggestion|state|source|agreement|confidence|licence|lang|slice\.[\w-]{1,60})$/,
    {
      message:
        'names no field: take value, input_text, suggestion, state, source, agreement, confidence, licence, lang or slice.<name>',
    },
  )

/** One thing that a curator expects of every row, which `share` (0–1) of the rows must meet, or of the version as a whole. */
export const expectationSchema = z
  .discriminatedUnion('kind', [
    z.object({ kind: z.literal('present'), field }).strict(),
    z
      .object({
        kind: z.literal('length'),
        field,
        from: z.number().int().min(0).optional(),
        to: z.number().int().min(0).optional(),
      })
      .strict(),
    z
      .object({ kind: z.literal('range'), field, from: z.number().optional(), to: z.number().optional() })
      .strict(),
    z
      .object({ kind: z.literal('one-of'), field, values: z.array(z.string().max(200)).min(1).max(100) })
      .strict(),
    /** Words that must not stand in it: plain text, case makes no difference. */
    z
      .object({
        kind: z.literal('without'),
        field,
        words: z.array(z.string().min(1).max(200)).min(1).max(100),
      })
      .strict(),
    /** How many rows the version has as a whole. */
    z
      .object({
        kind: z.literal('volume'),
        from: z.number().int().min(0).optional(),
        to: z.number().int().min(0).optional(),
      })
      .strict(),
    /** Its newest row was decided at most so many days before the ledger was read. */
    z.object({ kind: z.literal('freshness'), withinDays: z.number().int().min(1).max(36_500) }).strict(),
  ])
  .and(z.object({ share: z.number().min(0).max(1).default(1) }))
export type Expectation = z.output<typeof expectationSchema>

export const mostExpectations = 50
