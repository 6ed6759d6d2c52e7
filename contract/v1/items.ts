import { z } from 'zod'
import { instant, uuid } from './common'
import { newItem } from './suggest'

const rankedItem = newItem.extend({
  priority: z
    .number()
    .int()
    .min(-1_000_000)
    .max(1_000_000)
    .optional()
    .meta({ description: 'Higher is wanted sooner in queues that go by priority' }),
})
export const createItemsBody = z.object({ items: z.array(rankedItem).min(1).max(500) })
export const createItemsAnswer = z.object({
  items: z.array(z.object({ id: uuid, externalId: z.string().nullable(), created: z.boolean() })),
})
export type CreateItemsAnswer = z.infer<typeof createItemsAnswer>

/** A thread as the inbox lists it, newest message first. */
export const inboxItem = z.object({
  id: uuid,
  payload: z.unknown(),
  sample: z.boolean(),
  createdAt: instant,
  /** What the caller decided about it last, if anything. */
  state: z.string().nullable(),
  /** The caller's own text that is on its way or went out. */
  reply: z
    .object({
      eventId: uuid,
      text: z.string(),
      state: z.enum(['waiting', 'sent']),
      sendAt: instant,
      withdrawn: z.boolean(),
    })
    .nullable(),
})
export type InboxItem = z.infer<typeof inboxItem>
export const inboxPage = z.object({
  items: z.array(inboxItem),
  nextCursor: z.string().nullable(),
  serverTime: instant,
})
export type InboxPage = z.infer<typeof inboxPage>

export const pushPredictionsBody = z.object({
  modelVersionId: uuid,
  predictions: z
    .array(
      z.object({
        itemId: uuid.optional(),
        externalId: z.string().min(1).max(200).optional(),
        candidates: z
          .array(z.object({ value: z.unknown(), confidence: z.number().min(0).max(1) }))
          .min(1)
          .max(20),
      }),
    )
    .min(1)
    .max(500),
})
export const pushPredictionsAnswer = z.object({
  predictions: z.array(
    z.object({
      id: uuid.nullable(),
      status: z.enum(['stored', 'refused']),
      detail: z.string().optional(),
      field: z.string().optional(),
    }),
  ),
})
