import { z } from 'zod'
import { instant } from './common'

/** The wording people agree to; a new wording gets a new number and is asked again. */
export const currentConsent = 2

export const consent = z.object({
  consentVersion: z.number().int().nullable(),
  consentedAt: instant.nullable(),
  suggestionsOn: z.boolean(),
  trainingAllowed: z.boolean(),
  pseudonym: z.string(),
})
export type Consent = z.infer<typeof consent>

export const setConsentBody = z.object({
  accept: z.literal(currentConsent).optional().meta({ description: 'The wording the person has read' }),
  suggestionsOn: z.boolean().optional(),
  trainingAllowed: z.boolean().optional(),
})

export const eraseAnswer = z.object({
  contentsErased: z.number().int(),
  versionsOutOfService: z.array(z.object({ name: z.string(), version: z.string() })),
})
export type EraseAnswer = z.infer<typeof eraseAnswer>
