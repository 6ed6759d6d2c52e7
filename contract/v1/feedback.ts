import { z } from 'zod'
import { readyViews } from '@/domain/explore-words'
import { clientEventTypes, needsAfter, needsCandidate, needsTarget } from '@/domain/feedback-event'
import { instant, instantInput, uuid, uuid7 } from './common'
import { mediaReference } from './media'

const monotonicMs = z.number().min(0).max(1e13)

/** One event as a client sends it. What the person wrote goes into `after`; the server keeps it apart from the log. */
export const feedbackEventInput = z
  .object({
    id: uuid7.meta({ description: 'Made by the client. Sending the same id again stores nothing twice.' }),
    exposureId: uuid7,
    type: z.enum(clientEventTypes),
    sessionId: uuid.meta({ description: 'One per open page or process' }),
    clientSeq: z
      .number()
      .int()
      .min(0)
      .max(2_147_483_647)
      .meta({ description: 'Counts up within the session' }),
    targetEventId: uuid7.optional().meta({ description: 'The event that is undone; for `redone`, the undo' }),
    candidateId: uuid.optional(),
    after: z.unknown().optional().meta({ description: "What the person wrote, in the task's value schema" }),
    reason: z
      .string()
      .regex(/^[a-z][a-z0-9-]{0,40}$/, 'must be a code such as "too-vague"')
      .optional()
      .meta({ description: 'A reason code; never free text, which could not be erased from the log' }),
    rating: z.number().int().min(1).max(5).optional(),
    batchId: uuid.optional().meta({
      description: 'Shared by events that are one act, as shifting a range: listed and undone together',
    }),
    clientTime: instantInput.optional(),
    clientMonotonicMs: monotonicMs.optional(),
    visibleMs: monotonicMs
      .optional()
      .meta({ description: 'How long the suggestion was in view, by the monotonic clock' }),
  })
  .superRefine((event, ctx) => {
    const need = (list: readonly string[], field: 'candidateId' | 'targetEventId' | 'after') => {
      if (list.includes(event.type) && event[field] === undefined) {
        ctx.addIssue({ code: 'custom', path: [field], message: `is needed for "${event.type}"` })
      }
    }
    need(needsCandidate, 'candidateId')
    need(needsTarget, 'targetEventId')
    need(needsAfter, 'after')
    if (event.type === 'rated' && event.rating === undefined) {
      ctx.addIssue({ code: 'custom', path: ['rating'], message: 'is needed for "rated"' })
    }
    if (event.after !== undefined && !needsAfter.includes(event.type) && event.type !== 'outcome') {
      ctx.addIssue({ code: 'custom', path: ['after'], message: `does not belong to "${event.type}"` })
    }
  })
export type FeedbackEventInput = z.infer<typeof feedbackEventInput>

/** Events are checked one by one, so that one bad event does not hold back the rest of a batch. */
export const recordFeedbackBody = z.object({
  events: z.array(z.unknown()).min(1).max(500),
})

export const decisionState = z.enum([
  'open',
  'accepted',
  'corrected',
  'written',
  'rejected',
  'dismissed',
  'ignored',
])

export const eventAnswer = z.object({
  id: z.string(),
  status: z.enum(['stored', 'pending', 'no_op', 'refused']).meta({
    description:
      '`pending`: kept, waits for its `shown` or its target. `no_op`: kept, had nothing to change.',
  }),
  state: decisionState.optional().meta({ description: 'The decision after this request' }),
  sendAt: instant.nullable().optional().meta({ description: 'When the text goes out unless undone before' }),
  alreadySent: z
    .boolean()
    .optional()
    .meta({ description: 'For an undo: the text had gone out; it is only withdrawn as feedback' }),
  code: z.string().optional(),
  detail: z.string().optional(),
  field: z.string().optional(),
})
export type EventAnswer = z.infer<typeof eventAnswer>

export const recordFeedbackAnswer = z.object({ events: z.array(eventAnswer) })
export type RecordFeedbackAnswer = z.infer<typeof recordFeedbackAnswer>

export const undoImpact = z.object({
  eventId: uuid,
  /** Sentences for the person, most serious first; empty when nothing rests on it. */
  restsOnIt: z.array(z.string()),
  alreadySent: z.boolean(),
  learnedBy: z.array(z.object({ modelVersionId: uuid, name: z.string(), version: z.string() })),
})
export type UndoImpact = z.infer<typeof undoImpact>

export const feedbackFilter = z.object({
  state: z.enum([...decisionState.options, 'suppressed', 'undone']).optional(),
  version: uuid.optional().meta({ description: 'Model version id' }),
  confidenceFrom: z.coerce.number().min(0).max(1).optional(),
  confidenceTo: z.coerce.number().min(0).max(1).optional(),
  from: z.iso.date().optional().meta({ description: "First day, in the project's time zone" }),
  to: z.iso.date().optional().meta({ description: "Last day, in the project's time zone" }),
  text: z.string().trim().min(1).max(200).optional().meta({
    description: 'Words in the item, in what was written, or in what reviewers of a settled item answered',
  }),
  tag: z.string().trim().min(1).max(60).optional().meta({ description: 'Items that carry this tag' }),
  group: z.string().trim().min(1).max(200).optional().meta({ description: 'Items of this group' }),
  import: uuid.optional().meta({ description: 'Items that this import brought' }),
  attribute: z
    .string()
    .trim()
    .max(200)
    .regex(/^[^=]+=.+$/, 'must read name=value, such as lang=pt')
    .optional()
    .meta({ description: 'A fact of the input that was logged with the exposure, as `lang=pt`' }),
  editFrom: z.coerce.number().min(0).max(1).optional().meta({ description: 'Least edit distance' }),
  editTo: z.coerce.number().min(0).max(1).optional().meta({ description: 'Largest edit distance' }),
  arm: z
    .string()
    .regex(/^[a-z][a-z-]{0,39}$/, 'must be a word such as live or canary')
    .optional()
    .meta({ description: 'How the version was chosen, as `live` or `canary`' }),
  blind: z
    .enum(['only', 'exclude'])
    .optional()
    .meta({ description: 'Answered before the suggestion was seen' }),
  holdback: z
    .enum(['only', 'exclude'])
    .optional()
    .meta({ description: 'Held back at random, for comparison' }),
  excluded: z.enum(['only', 'exclude']).optional().meta({ description: 'Items kept out of datasets' }),
  show: z.enum(readyViews).optional().meta({
    description:
      'Of the live model: `errors` were rejected, corrected or flagged; `confident-errors` are those with a confidence of 0.8 and more; `undone` were taken back; `disagreements` are on items that people decided differently or dispute in review; `versions` are on items for which another version suggests something else. Of all: `flagged`, `guardrail` (held back by one), `unanswered`',
  }),
  simulated: z.enum(['exclude', 'include']).default('exclude'),
})
export type FeedbackFilter = z.infer<typeof feedbackFilter>

export const feedbackQuery = feedbackFilter.extend({
  order: z.enum(['newest', 'oldest']).optional().meta({ description: 'Newest first unless told' }),
  cursor: z.string().max(500).optional(),
  limit: z.coerce.number().int().min(1).max(200).default(50),
})

export const feedbackRow = z.object({
  exposureId: uuid,
  itemId: uuid,
  title: z.string().nullable(),
  media: mediaReference
    .nullable()
    .meta({ description: 'The picture that the item is about, where its task has one' }),
  exposedAt: instant,
  state: decisionState,
  suggestionShown: z.boolean(),
  suppressedReason: z.string().nullable(),
  suggestion: z
    .string()
    .nullable()
    .meta({ description: 'The candidate that was decided on, else the first' }),
  final: z
    .string()
    .nullable()
    .meta({ description: 'What the person kept: the accepted, corrected or own text' }),
  edit: z.number().nullable().meta({ description: 'Edit distance between the two, 0 to 1' }),
  modelVersionId: uuid.nullable(),
  model: z.string().nullable(),
  version: z.string().nullable(),
  confidence: z.number().nullable(),
  pseudonym: z.string(),
  decidedAt: instant.nullable(),
  everUndone: z.boolean(),
  flagged: z.boolean(),
  arm: z.string().meta({ description: 'How the version was chosen' }),
  blind: z.boolean(),
  holdback: z.boolean(),
  tags: z.array(z.string()).meta({ description: 'Of the item' }),
  excluded: z.boolean().meta({ description: 'The item is kept out of datasets' }),
  redacted: z
    .boolean()
    .meta({ description: 'Personal data was taken out of what annotators and datasets see' }),
  erased: z.boolean(),
  sample: z.boolean(),
  simulated: z.boolean(),
})
export type FeedbackRow = z.infer<typeof feedbackRow>
export const feedbackPage = z.object({ rows: z.array(feedbackRow), nextCursor: z.string().nullable() })
export type FeedbackPage = z.infer<typeof feedbackPage>

export const exportQuery = feedbackFilter.extend({
  format: z.enum(['jsonl', 'csv']).default('jsonl'),
  /** Spreadsheets run cells that begin with = + - @; `apostrophe` defuses them, `off` keeps every byte. */
  formulas: z.enum(['apostrophe', 'off']).default('apostrophe'),
})

export const timelineEvent = z.object({
  id: z.string(),
  exposureId: uuid,
  kind: z.enum(['exposed', 'event']),
  type: z.string(),
  at: instant,
  by: z.string().nullable().meta({ description: 'Pseudonym; null for the server' }),
  standing: z.enum(['active', 'undone', 'pending', 'no_op', 'superseded']).nullable(),
  text: z.string().nullable(),
  before: z.string().nullable(),
  reason: z.string().nullable(),
  model: z.string().nullable(),
  visibleMs: z.number().nullable(),
  latencyMs: z.number().nullable(),
  undoable: z.boolean(),
  redoable: z.boolean(),
  batchId: z.string().nullable().meta({ description: 'Shared by events that were one act' }),
  undoEventId: z.string().nullable().meta({ description: 'The live undo of this event: what a redo names' }),
  sent: z.enum(['waiting', 'sent', 'cancelled']).nullable(),
  sendAt: instant.nullable(),
})
export type TimelineEvent = z.infer<typeof timelineEvent>
/** What else became of an item: in queues, in datasets, and by acts on many. */
export const timelineMark = z.object({
  id: z.string(),
  kind: z.enum(['queued', 'reviewed', 'resolved', 'frozen', 'changed']),
  type: z.string().meta({
    description:
      'Of `queued` the strategy, of `reviewed` the event, of `resolved` the source, of `frozen` the split, of `changed` the kind of action',
  }),
  at: instant,
  by: z
    .string()
    .nullable()
    .meta({ description: 'Pseudonym; of a review only once the item is settled, so that nobody is swayed' }),
  name: z.string().nullable().meta({ description: 'Of the queue, the dataset or the tag' }),
  text: z.string().nullable().meta({ description: 'What an item was resolved to' }),
  queueId: uuid.nullable(),
  dataset: z
    .object({ slug: z.string(), version: z.number().int(), row: z.number().int() })
    .nullable()
    .meta({ description: 'The row that holds it' }),
  items: z.number().int().nullable().meta({ description: 'Of `changed`: how many items the act changed' }),
  undone: z.boolean(),
})
export type TimelineMark = z.infer<typeof timelineMark>
export const timeline = z.object({
  itemId: uuid,
  title: z.string().nullable(),
  payload: z.unknown(),
  erased: z.boolean(),
  events: z.array(timelineEvent),
  marks: z.array(timelineMark).meta({ description: 'By time' }),
})
export type Timeline = z.infer<typeof timeline>

/** One thing that the caller did, newest first in a list, with what can be done about it now. */
export const historyEntry = timelineEvent.extend({ itemId: uuid, title: z.string().nullable() })
export type HistoryEntry = z.infer<typeof historyEntry>
export const historyPage = z.object({ entries: z.array(historyEntry), nextCursor: z.string().nullable() })
export type HistoryPage = z.infer<typeof historyPage>
