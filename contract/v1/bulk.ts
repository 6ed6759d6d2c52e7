import { z } from 'zod'
import { idParams, uuid, uuid7 } from './common'
import { heldItem, verdictInput } from './review'

/** The item in hand and near-duplicates of it, judged by one decision. */
export const judgeTogetherBody = z
  .object({
    bulkId: uuid7.meta({ description: 'Made by the client: sending it again judges nothing twice' }),
    assignmentId: uuid.meta({ description: 'The item in hand, whose suggestions are judged' }),
    token: z.number().int(),
    entryIds: z
      .array(uuid)
      .min(1)
      .max(20)
      .meta({ description: 'The others, as `nearDuplicates` of its context names them' }),
    verdicts: z.array(verdictInput).max(20).default([]),
    texts: z.array(z.unknown()).max(10).default([]),
    comment: z.string().max(4000).default(''),
    specificationVersion: z.number().int().min(1).optional(),
    activeMs: z.number().min(0).max(1e10).optional(),
  })
  .strict()
export type JudgeTogetherBody = z.infer<typeof judgeTogetherBody>

export const judgedTogether = z.object({
  bulkId: uuid,
  taken: z
    .array(z.object({ entryId: uuid, eventId: uuid }))
    .meta({ description: 'The item in hand comes first' }),
  left: z
    .array(z.object({ entryId: uuid, why: z.string() }))
    .meta({ description: 'Not judged, and why; each goes on as if nothing had been said' }),
})
export type JudgedTogether = z.infer<typeof judgedTogether>

export const bulkParams = idParams.extend({ bulkId: uuid })
export const bulkWithdrawn = z.object({
  /** How many answers changed. */
  changed: z.number().int(),
  restedOnIt: z.array(z.string()),
  /** After an undo: the item that was in hand, in the caller's hands again. */
  held: heldItem.nullable(),
})
export type BulkWithdrawn = z.infer<typeof bulkWithdrawn>
