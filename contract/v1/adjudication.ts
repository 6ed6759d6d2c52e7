import { z } from 'zod'
import { instant, pageQuery, uuid, uuid7 } from './common'
import { mediaReference } from './media'

/** Names one answer to one adjudicator, and nothing else. */
const answerRef = z
  .string()
  .regex(/^[0-9a-f]{16}$/, 'must be the ref of an answer')
  .meta({ description: 'Of an answer, for this adjudicator alone' })

export const adjudicationList = z.object({
  /** Items that wait and the caller may settle; counted up to a thousand. */
  openForMe: z.number().int(),
  /** Items that the caller holds now. */
  mine: z.number().int(),
  queues: z.array(
    z.object({
      id: uuid,
      name: z.string(),
      waiting: z.number().int().meta({ description: 'Items in dispute, up to a thousand' }),
      /** Why the caller may not adjudicate here; null when they may. */
      closedToMe: z.string().nullable(),
    }),
  ),
})
export type AdjudicationList = z.infer<typeof adjudicationList>

export const claimAdjudicationsBody = z
  .object({
    sessionId: uuid.meta({ description: 'One per open page or process' }),
    count: z.number().int().min(1).max(2).default(1),
  })
  .strict()
export type ClaimAdjudicationsBody = z.infer<typeof claimAdjudicationsBody>

export const adjudicationDraft = z
  .object({
    picks: z.array(answerRef).max(9),
    /** The final text as it is being written; null while the picks stand as they are. */
    text: z.string().max(20_000).nullable(),
    note: z.string().max(4000),
  })
  .strict()
export type AdjudicationDraft = z.infer<typeof adjudicationDraft>

/** What one annotator said, as words alone: who, how, and what a model had to do with it is not told. */
export const anonymousAnswer = z
  .object({
    ref: answerRef,
    label: z.string(),
    texts: z.array(z.string()),
    stand: z.enum(['right', 'usable', 'nothing']),
    comment: z.string(),
    seconds: z.number().nullable(),
  })
  .strict()
export type AnonymousAnswer = z.infer<typeof anonymousAnswer>

export const heldAdjudication = z
  .object({
    entryId: uuid,
    queue: z.object({ id: uuid, name: z.string(), instructions: z.string() }),
    token: z.number().int(),
    leasedUntil: instant,
    itemId: uuid,
    title: z.string(),
    payload: z.unknown(),
    media: mediaReference.nullable(),
    /** Why it is here: the answers agree too little, or a curator asked for it. */
    reason: z.enum(['low-agreement', 'requested']),
    answers: z.array(anonymousAnswer),
    draft: z.object({ revision: z.number().int(), body: adjudicationDraft }).nullable(),
  })
  .strict()
export type HeldAdjudication = z.infer<typeof heldAdjudication>

export const adjudicationClaim = z.object({
  held: z.array(heldAdjudication).meta({ description: 'All that the caller holds, oldest first' }),
  noMore: z.boolean(),
  leaseMs: z.number().int(),
})
export type AdjudicationClaim = z.infer<typeof adjudicationClaim>

export const saveAdjudicationDraftBody = z
  .object({ token: z.number().int(), revision: z.number().int().min(1), draft: adjudicationDraft })
  .strict()
export type SaveAdjudicationDraftBody = z.infer<typeof saveAdjudicationDraftBody>

export const releaseAdjudicationsBody = z
  .object({
    entries: z
      .array(z.object({ id: uuid, token: z.number().int() }).strict())
      .min(1)
      .max(10),
  })
  .strict()
export type ReleaseAdjudicationsBody = z.infer<typeof releaseAdjudicationsBody>

export const adjudicationEventInput = z
  .object({
    id: uuid7,
    entryId: uuid,
    type: z.enum(['adjudicated', 'returned', 'undone', 'redone']),
    token: z.number().int().default(0).meta({ description: 'Of the lease; not for undone and redone' }),
    targetEventId: uuid7
      .optional()
      .meta({ description: 'The adjudication that is undone; for `redone`, the undo' }),
    picks: z.array(answerRef).max(9).default([]).meta({ description: 'Answers that stand as they are' }),
    /** Acceptable answers that the adjudicator wrote, in the task's value schema. */
    texts: z.array(z.unknown()).max(10).default([]),
    note: z.string().max(4000).default('').meta({ description: 'For `returned`: what to look at again' }),
    activeMs: z.number().min(0).max(1e10).optional(),
  })
  .strict()
export type AdjudicationEventInput = z.infer<typeof adjudicationEventInput>

export const adjudicationEventsBody = z
  .object({ events: z.array(adjudicationEventInput).min(1).max(50) })
  .strict()

export const adjudicationEventAnswer = z.object({
  id: z.string(),
  status: z.enum(['stored', 'no_op', 'refused']),
  code: z.string().optional(),
  detail: z.string().optional(),
  field: z.string().optional(),
  restedOnIt: z.array(z.string()).optional(),
  /** After an undo of one's own: the item in the caller's hands again, with what was decided as its draft. */
  held: heldAdjudication.nullable().optional(),
})
export type AdjudicationEventAnswer = z.infer<typeof adjudicationEventAnswer>
export const adjudicationEventsAnswer = z.object({ events: z.array(adjudicationEventAnswer) })
export type AdjudicationEventsAnswer = z.infer<typeof adjudicationEventsAnswer>

/** One thing that the caller settled or sent back. */
export const settledEntry = z.object({
  eventId: uuid,
  entryId: uuid,
  itemId: uuid,
  title: z.string(),
  queueName: z.string(),
  type: z.enum(['adjudicated', 'returned']),
  /** The texts that stand by it, or the note that it was sent back with. */
  texts: z.array(z.string()),
  note: z.string(),
  standing: z.enum(['active', 'undone']),
  undoEventId: uuid.nullable(),
  /** Whether it is what resolves the item now. */
  resolves: z.boolean(),
  at: instant,
})
export type SettledEntry = z.infer<typeof settledEntry>
export const settledPage = z.object({ entries: z.array(settledEntry), nextCursor: z.string().nullable() })
export type SettledPage = z.infer<typeof settledPage>
export const settledQuery = pageQuery
