import { z } from 'zod'
import { aggregations, verdicts } from '@/domain/review'
import { instant, uuid } from './common'

const estimate = z
  .object({
    value: z.number().nullable(),
    /** 95 %. */
    interval: z.object({ low: z.number(), high: z.number() }).nullable(),
  })
  .meta({
    description:
      'Null where nothing could disagree: nobody judged the same, or everybody always said one thing',
  })

const verdict = z.enum(verdicts)
const probabilities = z.object({ good: z.number(), usable: z.number(), wrong: z.number() })

/** An item with the answers that don't go together: who gave them is not told. */
export const disagreement = z.object({
  entryId: uuid,
  itemId: uuid,
  title: z.string(),
  agreement: z.number(),
  state: z.string(),
  answers: z.array(
    z.object({
      label: z.string(),
      verdicts: z.array(z.object({ suggestion: z.number().int(), verdict, reasons: z.array(z.string()) })),
      texts: z.array(z.string()),
      comment: z.string(),
    }),
  ),
  /** What was made of them, if anything. */
  resolution: z
    .object({
      method: z.enum([...aggregations, 'adjudication']),
      texts: z.array(z.string()),
      posterior: z
        .array(z.object({ suggestion: z.number().int(), verdict, probabilities }))
        .nullable()
        .meta({ description: 'What a model of the annotators makes of each suggestion' }),
      adjudicationEventId: uuid.nullable(),
    })
    .nullable(),
})
export type Disagreement = z.infer<typeof disagreement>

export const agreementQuery = z
  .object({
    week: z
      .string()
      .regex(/^\d{4}-\d{2}-\d{2}$/, 'must be a Monday as 2026-03-02')
      .optional()
      .meta({ description: 'Lists the items that differ of this week alone; a Monday' }),
  })
  .strict()
export type AgreementQuery = z.infer<typeof agreementQuery>

export const agreementView = z.object({
  /** Items that two people or more have judged, among the latest answers. */
  items: z.number().int(),
  /** Suggestions that two people or more judged. */
  judged: z.number().int(),
  /** The latest answers that were looked at, at most. */
  window: z.number().int(),
  /** There are more answers than that. */
  cut: z.boolean(),
  /** Fewer than these are too few to tell. */
  fewest: z.number().int(),
  /** Answers of simulated annotators are among them; in demo projects only. */
  simulated: z.number().int(),
  raw: estimate,
  nominal: estimate,
  ordinal: estimate,
  fleiss: z
    .object({ value: z.number().nullable(), judged: z.number().int(), people: z.number().int() })
    .nullable(),
  /** Krippendorff’s α of what people wrote, by normalised edit distance: never a gate. */
  text: z.object({ value: z.number().nullable(), items: z.number().int() }),
  labels: z.array(z.object({ verdict, given: z.number().int(), alpha: estimate })),
  weeks: z.array(z.object({ week: z.string(), items: z.number().int(), nominal: estimate })),
  pairs: z.array(
    z.object({
      people: z.tuple([z.string(), z.string()]),
      judged: z.number().int(),
      raw: z.number(),
      kappa: estimate,
      weightedKappa: estimate,
    }),
  ),
  reasons: z.array(z.object({ code: z.string(), given: z.number().int() })),
  disagreements: z.array(disagreement),
  computedAt: instant,
})
export type AgreementView = z.infer<typeof agreementView>
