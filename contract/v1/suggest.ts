import { z } from 'zod'
import { instant, instantInput, uuid, uuid7 } from './common'

const monotonicMs = z.number().min(0).max(1e13)

export const newItem = z.object({
  payload: z.unknown().meta({ description: "The input, in the task's payload schema" }),
  externalId: z
    .string()
    .min(1)
    .max(200)
    .optional()
    .meta({ description: 'Your own name for it; sending it again finds the same item' }),
  groupId: z
    .string()
    .min(1)
    .max(200)
    .optional()
    .meta({ description: 'Items of one group never part between splits' }),
})

const exposureBase = z.object({
  exposureId: uuid7.meta({
    description: 'Made by the client. Asking again with the same id gives the same answer.',
  }),
  sessionId: uuid,
  itemId: uuid.optional(),
  item: newItem.optional(),
  clientTime: instantInput.optional(),
  clientMonotonicMs: monotonicMs.optional(),
})

/**
 * What a version proposes that runs where the person is: in the page, on the device. Only versions whose predictions are
 * pushed and built-in ones that can run in a page are taken at their word.
 */
export const predictedInPage = z
  .object({
    modelVersionId: uuid,
    candidates: z
      .array(
        z
          .object({
            id: uuid
              .optional()
              .meta({ description: 'By which events will name it; given one where it has none' }),
            value: z.unknown().meta({ description: "In the task's value schema" }),
            confidence: z.number().min(0).max(1),
            evidence: z.array(z.string().min(1).max(500)).max(10).default([]),
          })
          .strict(),
      )
      .max(20)
      .meta({ description: 'Best first; none where the model is silent' }),
    latencyMs: z.number().min(0).max(3_600_000).optional(),
  })
  .strict()
export type PredictedInPage = z.input<typeof predictedInPage>

const oneItem = { message: 'give either itemId or item', path: ['itemId'] }
const hasOneItem = (body: { itemId?: string | undefined; item?: unknown }) =>
  (body.itemId === undefined) !== (body.item === undefined)

export const suggestBody = exposureBase
  .extend({
    predicted: predictedInPage.optional().meta({
      description:
        'What a model in the page proposes. Where another version answers this person, it is left aside and that one is asked.',
    }),
  })
  .refine(hasOneItem, oneItem)
export type SuggestBody = z.input<typeof suggestBody>

/** An exposure without suggestions that the client opened alone: the server could not be reached, or the person wrote at once. */
export const openExposureBody = exposureBase
  .extend({
    reason: z.enum(['unreachable', 'too-late', 'not-asked']),
    predicted: predictedInPage.optional().meta({
      description:
        'What a model in the page had shown while the server could not be reached, in the order in which it stood',
    }),
  })
  .refine(hasOneItem, oneItem)
  .refine(({ reason, predicted }) => !predicted || reason === 'unreachable', {
    message: 'only where the server could not be reached; else ask for a suggestion with it',
    path: ['predicted'],
  })
export type OpenExposureBody = z.input<typeof openExposureBody>

/** Where a suggestion was learned from, other than what the model came with. */
export const learned = z.object({
  from: z.enum(['you', 'shared', 'training']).meta({
    description: 'Your own correction; an example shared with everybody; what this version was trained on',
  }),
  at: instant.nullable(),
  exposureId: uuid.nullable().meta({ description: 'The exposure that you taught it on' }),
  eventId: uuid.nullable().meta({ description: 'Your event: undo it, and it is suggested no more' }),
  itemId: uuid.nullable(),
})
export type Learned = z.infer<typeof learned>

export const suggestion = z.object({
  id: uuid,
  rank: z.number().int(),
  value: z.unknown(),
  confidence: z.number(),
  learned: learned.nullable(),
})
export type Suggestion = z.infer<typeof suggestion>

export const suggestAnswer = z.object({
  exposureId: uuid,
  itemId: uuid,
  shown: z.boolean(),
  reason: z
    .object({ code: z.string(), text: z.string() })
    .nullable()
    .meta({ description: 'Why nothing is shown, in words for the person' }),
  candidates: z.array(suggestion),
  model: z.object({ id: uuid, name: z.string(), version: z.string() }).nullable(),
})
export type SuggestAnswer = z.infer<typeof suggestAnswer>

export const whyAnswer = z.object({
  exposureId: uuid,
  shown: z.boolean(),
  model: z
    .object({ id: uuid, name: z.string(), version: z.string(), summary: z.string().nullable() })
    .nullable(),
  candidates: z.array(
    z.object({ id: uuid, rank: z.number().int(), text: z.string(), evidence: z.array(z.string()) }),
  ),
  rules: z.array(
    z.object({ rule: z.string(), verdict: z.enum(['pass', 'filter', 'suppress']), reason: z.string() }),
  ),
  quality: z
    .object({ precision: z.string(), coverage: z.string() })
    .nullable()
    .meta({ description: 'Measured at the threshold in force; null means not measured yet' }),
  measured: z
    .object({
      at: z.string().nullable(),
      ofSlice: z.array(z.object({ measure: z.string(), result: z.string() })),
    })
    .meta({ description: 'When the version was measured, and how good it was on inputs like this one' }),
})
export type WhyAnswer = z.infer<typeof whyAnswer>
