import { z } from 'zod'
import { uuid } from './common'

export const mediaAnswer = z.object({
  id: uuid,
  contentType: z.string(),
  bytes: z.number().int(),
  width: z.number().int().meta({ description: 'In px, as the picture is shown' }),
  height: z.number().int(),
})
export type MediaAnswer = z.infer<typeof mediaAnswer>

/** A picture that an item is about, where its task has one. */
export const mediaReference = z.object({
  id: uuid,
  width: z.number().int(),
  height: z.number().int(),
  alt: z.string().nullable(),
})

export const signedMediaParams = z.object({ project: uuid, id: uuid })
export const signedMediaQuery = z.object({
  until: z.coerce.number().int().min(0).max(9_999_999_999).meta({ description: 'Seconds since 1970' }),
  signature: z.string().min(1).max(100),
})
