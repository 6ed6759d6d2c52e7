import { z } from 'zod'
import { checkRulesSchema, expectationSchema, mostExpectations } from './dataset-check'
import { defaultShares, splits } from './dataset-split'
import { consumerPurposes, type DatasetTarget, keptStates } from './dataset-words'

const inOrOut = z.enum(['exclude', 'include']).default('exclude')
const share = z.number().min(0).max(1)

/**
 * Which rows: the words of the feedback page's filter, and for resolutions where they come from. Days count in the
 * project's time zone, the last one included.
 */
export const selectionSchema = z
  .object({
    states: z.array(z.enum(keptStates)).min(1).max(keptStates.length).optional(),
    version: z.uuid().optional(),
    confidenceFrom: share.optional(),
    confidenceTo: share.optional(),
    from: z.iso.date().optional(),
    to: z.iso.date().optional(),
    text: z
      .string()
      .trim()
      .min(1)
      .max(200)
      .refine(text => !text.includes('\0'), 'has a NUL character; remove it')
      .optional(),
    /** Resolutions of one queue only. */
    queue: z.uuid().optional(),
    /** How a resolution came about. */
    source: z.enum(['queue', 'adjudication', 'import', 'outcome']).optional(),
    /** Items that carry this tag. */
    tag: z.string().min(1).max(60).optional(),
    /** What people said of a suggestion, for verdicts. */
    verdicts: z
      .array(z.enum(['good', 'usable', 'wrong']))
      .min(1)
      .max(3)
      .optional(),
    sample: inOrOut,
    simulated: inOrOut,
  })
  .strict()
export type Selection = z.output<typeof selectionSchema>

const licence = z.string().trim().min(1).max(60)

/** Who takes versions, and for what. A version leaves only for one of them. */
export const consumersSchema = z
  .array(z.object({ name: z.string().trim().min(1).max(80), purpose: z.enum(consumerPurposes) }).strict())
  .max(20)
  .refine(all => new Set(all.map(one => one.name)).size === all.length, 'names one consumer twice')
export type Consumers = z.output<typeof consumersSchema>

/** The licence of a dataset, as an SPDX identifier or a name. */
export const licenceSchema = licence.nullable()

/**
 * What of a selection a version holds, how it is parted, and what is checked. A dataset that says nothing of a rule
 * gets its default at the next freeze.
 */
export const rulesSchema = z
  .object({
    /** Shares of the splits; they sum to 1. */
    shares: z
      .object({ train: share, validation: share, test: share })
      .strict()
      .refine(shares => Math.abs(splits.reduce((sum, split) => sum + shares[split], 0) - 1) < 1e-9, {
        message: 'train, validation and test must sum to 1',
      })
      .default(defaultShares),
    /** `group`: by hash of the group. `time`: older rows train, the newest test. `both`: by time, and no group on both sides. */
    splitBy: z.enum(['group', 'time', 'both']).default('group'),
    /** First days of validation and test; where left out, the shares say it once, at the first freeze. */
    validationFrom: z.iso.date().optional(),
    testFrom: z.iso.date().optional(),
    /**
     * Which rows measure: `unbiased` ones were selected by chance and judged blind, or written while suggestions were
     * held back. `unbiased-if-any` takes others only where there are none of those.
     */
    testRows: z.enum(['any', 'unbiased-if-any', 'unbiased']).default('unbiased-if-any'),
    /** Near-duplicates never part between splits. */
    clusters: z.boolean().default(true),
    /** The least agreement of a resolution; those of one person have none and are left out by it. */
    agreementFrom: share.optional(),
    /** Most of train, as a share, whose author could see a suggestion. */
    influencedAtMost: share.optional(),
    /** Most rows of one person. */
    perPersonAtMost: z.number().int().min(1).max(1_000_000).optional(),
    /** No class has more than so many times the rows of the rarest one in train. */
    balance: z
      .object({
        by: z.string().regex(/^(?:label|slice\.[\w-]{1,60})$/),
        atMostTimes: z.number().min(1).max(1000),
      })
      .strict()
      .optional(),
    licences: z.array(licence).min(1).max(50).optional(),
    /** The least version of the consent. */
    consentFrom: z.number().int().min(1).optional(),
    /** Rows decided longer ago are left out. */
    keepDays: z.number().int().min(1).max(36_500).optional(),
    personalData: z.enum(['keep', 'redact', 'exclude']).default('keep'),
    checks: checkRulesSchema.default({}),
    expectations: z.array(expectationSchema).max(mostExpectations).default([]),
  })
  .strict()
export type DatasetRules = z.output<typeof rulesSchema>

/** Which fields of a selection have no meaning for a target, by name. */
export const foreignFields: Record<DatasetTarget, readonly (keyof Selection)[]> = {
  decision: ['queue', 'source', 'verdicts'],
  resolution: ['states', 'confidenceFrom', 'confidenceTo', 'verdicts'],
  preference: ['queue', 'source', 'verdicts'],
  verdict: ['states', 'confidenceFrom', 'confidenceTo', 'source'],
}
