import { z } from 'zod'
import { aggregations, entryStates } from '@/domain/review'
import { disagreement } from './agreement'
import { idParams, instant, pageQuery, uuid, uuid7 } from './common'

const note = z.string().trim().max(4000)
const by = { id: uuid7, bulkId: uuid.optional().meta({ description: 'Done together with others' }) }

/** What a curator does to an item of a queue. Sending the same id again stores nothing twice. */
export const queueActInput = z.discriminatedUnion('type', [
  z
    .object({
      ...by,
      type: z.literal('returned'),
      entryId: uuid,
      note: note.default('').meta({ description: 'For those who judge it again' }),
    })
    .strict(),
  z
    .object({
      ...by,
      type: z.literal('answered'),
      entryId: uuid,
      targetEventId: uuid7.meta({ description: 'The question' }),
      note: note.min(1).meta({ description: 'The reply' }),
    })
    .strict(),
  z.object({ ...by, type: z.literal('escalated'), entryId: uuid, note: note.default('') }).strict(),
  z
    .object({
      ...by,
      type: z.literal('undone'),
      targetEventId: uuid7.meta({ description: 'A sending back, a reply or an escalation' }),
    })
    .strict(),
  z
    .object({ ...by, type: z.literal('redone'), targetEventId: uuid7.meta({ description: 'The undo' }) })
    .strict(),
])
export type QueueActInput = z.infer<typeof queueActInput>
export const queueActsBody = z.object({ acts: z.array(z.unknown()).min(1).max(100) }).strict()

export const queueActAnswer = z.object({
  id: z.string(),
  status: z.enum(['stored', 'no_op', 'refused']),
  code: z.string().optional(),
  detail: z.string().optional(),
  field: z.string().optional(),
  restedOnIt: z.array(z.string()).optional(),
})
export type QueueActAnswer = z.infer<typeof queueActAnswer>
export const queueActsAnswer = z.object({ acts: z.array(queueActAnswer) })
export type QueueActsAnswer = z.infer<typeof queueActsAnswer>

export const assignBody = z
  .object({
    entryIds: z.array(uuid).min(1).max(100),
    userId: uuid.nullable().meta({ description: 'A member who may review; null takes assignments back' }),
  })
  .strict()
export type AssignBody = z.infer<typeof assignBody>
export const assignAnswer = z.object({
  /** The action to undo; null where nothing changed. */
  actionId: uuid.nullable(),
  assigned: z.number().int(),
  passedOver: z.array(z.object({ entryId: uuid, detail: z.string() })),
})
export type AssignAnswer = z.infer<typeof assignAnswer>

export const queueItemsQuery = pageQuery.extend({
  list: z.enum(['open', 'resolved', 'disputed', 'parked', 'flagged']).default('open'),
})
export type QueueItemsQuery = z.infer<typeof queueItemsQuery>

/** An item of a queue, for those who answer for it. Who answered stands with the item itself. */
export const queueItem = z.object({
  entryId: uuid,
  itemId: uuid,
  title: z.string(),
  state: z.enum([...entryStates, 'closed']),
  strategy: z.string(),
  part: z.number().int().nullable(),
  score: z.number().nullable(),
  overlap: z.number().int(),
  answers: z.number().int(),
  agreement: z.number().nullable(),
  /** How it was settled; null while it is not. */
  method: z.enum([...aggregations, 'adjudication']).nullable(),
  /** How sure a model of the annotators is of its least sure verdict. */
  posterior: z.number().nullable(),
  /** Names of those who have it in hand now. */
  heldBy: z.array(z.string()),
  /** Names of those for whom a place is held. */
  assignedTo: z.array(z.string()),
  questions: z.array(z.object({ eventId: uuid, text: z.string(), by: z.string(), at: instant })),
  flags: z.array(
    z.object({ reason: z.string().nullable(), comment: z.string(), by: z.string(), at: instant }),
  ),
})
export type QueueItem = z.infer<typeof queueItem>
export const queueItemParams = idParams.extend({ entryId: uuid })
/** What an item shows. Suggestions and answers are told once it is finished. */
export const queueItemDetail = disagreement.pick({ answers: true, resolution: true }).extend({
  entryId: uuid,
  payload: z.unknown().meta({ description: 'Null where it was erased' }),
  suggestions: z.array(z.string()).meta({ description: 'In the order that verdicts count them by' }),
  selection: z
    .object({
      at: z.string(),
      strategy: z.string(),
      part: z.int().nullable().meta({ description: 'Of a mix: which part selected it, from 0' }),
      poolSize: z.int().meta({ description: 'Items that the rule looked at' }),
      rank: z.int().meta({ description: '1 for the item that the rule put first at that filling' }),
      inclusionProbability: z
        .number()
        .nullable()
        .meta({ description: 'Before the draw; null where a person put it in by hand' }),
      seed: z.string().nullable(),
      model: z.string().nullable().meta({ description: 'Name and version whose suggestions are judged' }),
    })
    .meta({ description: 'How the rule came to it, as it was recorded' }),
})
export type QueueItemDetail = z.infer<typeof queueItemDetail>
export const queueItemPage = z.object({ items: z.array(queueItem), nextCursor: z.string().nullable() })
export type QueueItemPage = z.infer<typeof queueItemPage>
