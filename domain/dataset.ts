import { z } from 'zod'
import { defaultShares, splits } from './dataset-split'
import { type DatasetTarget, keptStates } from './dataset-words'

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
    source: z.enum(['queue', 'adjudication']).optional(),
    sample: inOrOut,
    simulated: inOrOut,
  })
  .strict()
export type Selection = z.output<typeof selectionSchema>

/** Shares of the splits; they sum to 1. */
export const rulesSchema = z
  .object({
    shares: z
      .object({ train: share, validation: share, test: share })
      .strict()
      .refine(shares => Math.abs(splits.reduce((sum, split) => sum + shares[split], 0) - 1) < 1e-9, {
        message: 'train, validation and test must sum to 1',
      })
      .default(defaultShares),
  })
  .strict()
export type DatasetRules = z.output<typeof rulesSchema>

/** Which fields of a selection have no meaning for a target, by name. */
export const foreignFields: Record<DatasetTarget, readonly (keyof Selection)[]> = {
  decision: ['queue', 'source'],
  resolution: ['states', 'confidenceFrom', 'confidenceTo'],
}
