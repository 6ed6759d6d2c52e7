import { z } from 'zod'
import { instant, uuid } from './common'
import { mediaReference } from './media'
import { newItem, suggestion } from './suggest'

/** A photo as the album lists it, newest first, with what the caller was shown and decided about it last. */
export const albumPhoto = z.object({
  id: uuid,
  title: z.string(),
  media: mediaReference,
  sample: z.boolean(),
  own: z.boolean().meta({ description: 'The caller brought it, and nobody else sees it' }),
  createdAt: instant,
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
          text: z.string().nullable(),
          decidedAt: instant,
        })
        .nullable(),
    })
    .nullable()
    .meta({ description: 'Null where a suggestion has to be asked for (again)' }),
})
export type AlbumPhoto = z.infer<typeof albumPhoto>
export const albumPage = z.object({
  photos: z.array(albumPhoto),
  nextCursor: z.string().nullable(),
  serverTime: instant,
})
export type AlbumPage = z.infer<typeof albumPage>

export const bringItemBody = z.object({ item: newItem })
export const bringItemAnswer = z.object({ id: uuid, created: z.boolean() })
export type BringItemAnswer = z.infer<typeof bringItemAnswer>
