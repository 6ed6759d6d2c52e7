import { z } from 'zod'
import { preferences } from '@/domain/review'
import { instant, uuid } from './common'
import { mediaReference } from './media'
import { revealed } from './review'

/** What is at hand beside an item that the caller holds. */
export const itemContext = z.object({
  guideline: z.object({
    version: z.number().int(),
    /** Markdown; null where nobody has written one. */
    markdown: z.string().nullable(),
  }),
  /** Settled cases that show how the guideline is meant, most similar first. */
  precedents: z.array(
    z.object({
      id: uuid,
      title: z.string(),
      input: z.string(),
      accepted: z.array(z.string()),
      rejected: z.array(z.string()),
      explanation: z.string(),
      reasons: z.array(z.string()).meta({ description: 'Codes of the specification' }),
    }),
  ),
  /** Items of the project that are settled, most similar first. */
  similar: z.array(
    z.object({
      itemId: uuid,
      title: z.string(),
      input: z.string(),
      accepted: z
        .array(z.string())
        .meta({ description: 'What was agreed on; empty where nothing was right' }),
    }),
  ),
  /** Open items of the same queue that say nearly the same, and that could be judged together with this one. */
  nearDuplicates: z.array(
    z.object({ entryId: uuid, title: z.string(), input: z.string(), media: mediaReference.nullable() }),
  ),
})
export type ItemContext = z.infer<typeof itemContext>

/** A locked answer beside the suggestion that it was given without. */
export const comparison = z.object({
  eventId: uuid,
  assignmentId: uuid,
  entryId: uuid,
  itemId: uuid,
  title: z.string(),
  payload: z.unknown(),
  media: mediaReference.nullable(),
  texts: z.array(z.string()).meta({ description: 'The locked answer' }),
  lockedAt: instant,
  revealed: revealed.nullable().meta({ description: 'Null where no model had suggested anything' }),
  /** What was said of the two already. */
  preference: z.enum(preferences).nullable(),
})
export type Comparison = z.infer<typeof comparison>

/** What rests on an answer, said before it is taken back. */
export const reviewImpact = z.object({
  eventId: uuid,
  restsOnIt: z
    .array(z.string())
    .meta({ description: 'Sentences, most serious first; empty when nothing does' }),
})
export type ReviewImpact = z.infer<typeof reviewImpact>
