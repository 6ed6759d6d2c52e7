import { z } from 'zod'
import { currentConsentWording } from '@/domain/consent-words'
import { instant } from './common'

/** The wording people agree to; a new wording gets a new number and is asked again. */
export const currentConsent = currentConsentWording

export const consent = z.object({
  consentVersion: z.number().int().nullable(),
  consentedAt: instant.nullable(),
  suggestionsOn: z.boolean(),
  trainingAllowed: z.boolean(),
  pseudonym: z.string(),
})
export type Consent = z.infer<typeof consent>

/** With what there is to agree to, for pages that ask themselves. */
export const askedConsent = consent.extend({
  wording: z.object({
    version: z.literal(currentConsent),
    lines: z.array(z.object({ about: z.string(), says: z.string() })),
  }),
})
export type AskedConsent = z.infer<typeof askedConsent>

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
