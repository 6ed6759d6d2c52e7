import { z } from 'zod'
import {
  aggregations,
  annotatorEventTypes,
  entryStates,
  mostHeld,
  preferences,
  queueOrderings,
  verdicts,
} from '@/domain/review'
import { uncertaintyMeasures } from '@/domain/selection'
import { reasonCodeSchema } from '@/domain/specification'
import { instant, instantInput, pageQuery, uuid, uuid7 } from './common'
import { mediaReference } from './media'
import { suggestion } from './suggest'

const slice = z
  .object({ name: z.string().trim().min(1).max(100), value: z.string().trim().min(1).max(200) })
  .strict()

/** Which items a rule looks at; all of them are met. */
export const selectionFilters = z
  .object({
    receivedFrom: instantInput.optional(),
    receivedTo: instantInput.optional().meta({ description: 'Not included' }),
    groupId: z.string().trim().min(1).max(200).optional(),
    text: z.string().trim().min(1).max(200).optional().meta({ description: 'Words that the item holds' }),
    sample: z.boolean().optional(),
    slice: slice.optional().meta({ description: 'An attribute that came with an exposure of the item' }),
    modelVersionId: uuid.optional().meta({ description: 'Judged is what this version said' }),
  })
  .strict()

const most = z.number().int().min(1).max(5_000)
const common = {
  filters: selectionFilters.optional(),
  budget: most.optional().meta({
    description:
      'Most items that a filling puts in: from one look at everything to the next, once a day or by hand',
  }),
}

const singleRules = [
  z.object({ strategy: z.literal('corrected'), ...common }).strict(),
  z
    .object({
      strategy: z.literal('low-confidence'),
      below: z.number().gt(0).max(1).meta({ description: 'Items whose first candidate is less confident' }),
      ...common,
    })
    .strict(),
  z
    .object({
      strategy: z.literal('random'),
      rate: z.number().gt(0).max(1).meta({ description: 'The probability with which each item is selected' }),
      ...common,
    })
    .strict(),
  z
    .object({
      strategy: z.literal('uncertainty'),
      measure: z.enum(uncertaintyMeasures),
      above: z.number().min(0).max(1).meta({ description: 'Items that are this unsure or more' }),
      ...common,
    })
    .strict(),
  z
    .object({
      strategy: z.literal('disagreement'),
      between: z
        .enum(['versions', 'human'])
        .meta({ description: 'Versions with each other, or the model with what a person left standing' }),
      ...common,
    })
    .strict(),
  z.object({ strategy: z.literal('flagged'), ...common }).strict(),
  z.object({ strategy: z.literal('guardrail'), ...common }).strict(),
  z
    .object({
      strategy: z.literal('weak-slice'),
      slice: slice.optional().meta({
        description: 'Without it the slice that people correct most, of those with 30 decisions or more',
      }),
      ...common,
    })
    .strict(),
  z
    .object({ strategy: z.literal('diversity'), ...common, budget: z.number().int().min(1).max(500) })
    .strict(),
  z.object({ strategy: z.literal('priority'), atLeast: z.number().int().optional(), ...common }).strict(),
] as const

const mixPart = z
  .object({
    rule: z.discriminatedUnion('strategy', [...singleRules]),
    budget: z.union([
      z.object({ share: z.number().gt(0).max(1) }).strict(),
      z.object({ count: most }).strict(),
    ]),
  })
  .strict()

/** The rule of a queue; which fields apply follows from the strategy. */
export const queueRule = z
  .discriminatedUnion('strategy', [
    ...singleRules,
    z
      .object({
        strategy: z.literal('mix'),
        parts: z
          .array(mixPart)
          .min(2)
          .max(6)
          .meta({ description: 'Asked in turn: an item goes to the first that wants it and has room' }),
        ...common,
      })
      .strict(),
  ])
  .check(({ value: rule, issues }) => {
    if (rule.strategy !== 'mix') return
    const shares = rule.parts.reduce((sum, { budget }) => sum + ('share' in budget ? budget.share : 0), 0)
    const refuse = (path: string[], message: string) =>
      issues.push({ code: 'custom', input: rule, path, message })
    if (shares > 1 + 1e-9) refuse(['parts'], 'shares sum to more than 1')
    if (shares > 0 && rule.budget === undefined)
      refuse(['budget'], 'parts that take a share need a budget to share')
  })
export type QueueRule = z.infer<typeof queueRule>

const share = z.number().min(0).max(1)

/** How a queue is worked: every field has a default, and applies to what is not settled yet. */
const queuePolicyFields = {
  ordering: z.enum(queueOrderings).meta({ description: 'In which order items are handed out' }),
  leaseSeconds: z
    .number()
    .int()
    .min(60)
    .max(86_400)
    .meta({ description: 'How long an item stays in one person’s hands without a sign of life' }),
  blindRate: share.meta({ description: 'Probability that an answer is given without seeing the suggestion' }),
  goldRate: share
    .max(0.5)
    .meta({ description: 'Probability that a claim is given an item with a known truth' }),
  vigilanceRate: share
    .max(0.2)
    .meta({ description: 'Probability that a claim is given a suggestion that is known to be wrong' }),
  aggregation: z.enum(aggregations).meta({ description: 'How answers become a resolution' }),
  agreementFloor: share
    .nullable()
    .meta({ description: 'Below this share of equal verdicts an item goes to adjudication; null: never' }),
  practiceItems: z
    .number()
    .int()
    .min(0)
    .max(50)
    .meta({ description: 'Items of the practice round; 0 for none' }),
  practicePass: share.meta({ description: 'Share of the practice round that must be right' }),
  workerIds: z
    .array(uuid)
    .min(1)
    .max(200)
    .nullable()
    .meta({ description: 'Users who may work here; null for every annotator' }),
  adjudicatorIds: z
    .array(uuid)
    .min(1)
    .max(200)
    .nullable()
    .meta({ description: 'Users who may adjudicate here; null for everyone who may adjudicate' }),
}
export const queuePolicy = z.object(queuePolicyFields).strict()
export type QueuePolicy = z.infer<typeof queuePolicy>

export const makeQueueBody = z
  .object({
    name: z.string().trim().min(1).max(80),
    rule: queueRule,
    instructions: z.string().max(4000).default(''),
    overlap: z
      .number()
      .int()
      .min(1)
      .max(9)
      .default(1)
      .meta({ description: 'How many people judge each item' }),
    policy: queuePolicy.partial().optional(),
  })
  .strict()
export type MakeQueueBody = z.infer<typeof makeQueueBody>

export const changeQueueBody = z
  .object({
    name: z.string().trim().min(1).max(80).optional(),
    instructions: z.string().max(4000).optional(),
    state: z.enum(['open', 'paused', 'closed']).optional(),
    policy: queuePolicy.partial().optional(),
  })
  .strict()
export type ChangeQueueBody = z.infer<typeof changeQueueBody>

export const previewQueueBody = z.object({ rule: queueRule }).strict()
export type PreviewQueueBody = z.infer<typeof previewQueueBody>
export const queuePreview = z.object({
  /** Items that the rule looks at, and how many of them it would select now. */
  poolSize: z.number().int(),
  selected: z.number().int(),
  sample: z.array(
    z.object({
      itemId: uuid,
      title: z.string(),
      score: z.number().nullable(),
      part: z.number().int().nullable(),
    }),
  ),
  /** Of a mix: what each part would put in. */
  parts: z.array(z.object({ poolSize: z.number().int(), selected: z.number().int() })),
  /** Of a weak slice that was looked for: which it is now; null where none has decisions enough. */
  slice: z
    .object({ name: z.string(), value: z.string(), corrected: z.number().int(), decided: z.number().int() })
    .nullable(),
})
export type QueuePreview = z.infer<typeof queuePreview>

export const queueView = z.object({
  id: uuid,
  name: z.string(),
  rule: queueRule,
  instructions: z.string(),
  overlap: z.number().int(),
  policy: queuePolicy.nullable().meta({
    description:
      'Null for callers without the permission queues.manage: how often an item is blind or has a known answer is not for those who answer',
  }),
  state: z.enum(['open', 'paused', 'closed']),
  /** Items that the rule selected; what was planted is in no count. */
  items: z.number().int(),
  resolved: z.number().int(),
  /** Items that wait for an adjudicator. */
  disputed: z.number().int(),
  /** Items that wait for a curator’s reply. */
  parked: z.number().int(),
  /** Some items have a known answer: they measure how everybody does. */
  hasKnownAnswers: z.boolean(),
  /** Why the caller may not work here; null when they may. */
  closedToMe: z.string().nullable(),
  /** Places that are free for the caller now; their own leases and passes are left out. */
  openForMe: z.number().int(),
  /** Places that somebody holds now. */
  leased: z.number().int(),
  mine: z.number().int().meta({ description: 'Answers of the caller that stand' }),
  /** Free places that are held for the caller. */
  assignedToMe: z.number().int(),
  /** Items that somebody flagged for a curator. */
  flagged: z.number().int(),
  /** Of the job that still fills it or asks the model about its items; null when none does. */
  jobId: uuid.nullable(),
  refilledAt: instant.nullable(),
  createdAt: instant,
})
export type QueueView = z.infer<typeof queueView>
/** `actionId` is null when nothing differed. */
export const changeQueueAnswer = queueView.extend({ actionId: uuid.nullable() })
export type ChangeQueueAnswer = z.infer<typeof changeQueueAnswer>
export const queueList = z.object({ queues: z.array(queueView) })
export type QueueList = z.infer<typeof queueList>

export const claimBody = z
  .object({
    sessionId: uuid.meta({ description: 'One per open page or process' }),
    count: z
      .number()
      .int()
      .min(1)
      .max(mostHeld)
      .default(1)
      .meta({ description: 'How many the caller wants to hold in all' }),
  })
  .strict()
export type ClaimBody = z.infer<typeof claimBody>

export const verdictInput = z
  .object({
    candidateId: uuid,
    verdict: z.enum(verdicts),
    reasons: z
      .array(reasonCodeSchema)
      .max(9)
      .default([])
      .meta({ description: 'Codes of the specification that it is given under' }),
  })
  .strict()
export type VerdictInput = z.infer<typeof verdictInput>

/** What is being written; kept while typing, given back with the item on any device. */
export const draftBody = z.object({
  verdicts: z.array(verdictInput).max(20),
  texts: z.array(z.string().max(20_000)).max(10),
  comment: z.string().max(4000),
})
export type DraftBody = z.infer<typeof draftBody>

export const saveDraftBody = z
  .object({ token: z.number().int(), revision: z.number().int().min(1), draft: draftBody })
  .strict()
export type SaveDraftBody = z.infer<typeof saveDraftBody>

/** A suggestion as reviewers get it, with its value in words. */
const judgedSuggestion = suggestion.omit({ learned: true }).extend({ text: z.string() })

const measuredQuality = z.object({
  slice: z
    .object({ name: z.string(), value: z.string().nullable() })
    .nullable()
    .meta({ description: 'What the inputs have in common; null for all that were measured' }),
  means: z.string().meta({ description: 'What was counted' }),
  share: z.object({ value: share, low: share, high: share, n: z.number().int() }),
  rows: z
    .object({ name: z.string(), description: z.string() })
    .nullable()
    .meta({ description: 'The dataset version it was measured on; null of what a card says' }),
  on: z.string().nullable().meta({ description: 'The day, as YYYY-MM-DD' }),
})

/** An item in somebody's hands, with all that is needed to judge it. */
export const heldItem = z.object({
  assignmentId: uuid,
  queueId: uuid,
  entryId: uuid,
  token: z.number().int().meta({ description: 'Counts the owners; a submit names it' }),
  leasedUntil: instant,
  itemId: uuid,
  title: z.string(),
  payload: z.unknown(),
  media: mediaReference.nullable(),
  candidates: z.array(judgedSuggestion).meta({ description: 'What a model proposed; empty where none did' }),
  model: z.object({ name: z.string(), version: z.string() }).nullable(),
  quality: measuredQuality.nullable().meta({
    description:
      'How often this version was right on inputs like this one, with a 95 % interval; null where that is not known, and of blind items',
  }),
  /** The person's text that was the reason for selecting the item; of `corrected` queues only. */
  correction: z.string().nullable(),
  /** Why the item is here, in words. */
  why: z.string(),
  /** Nothing of a suggestion is in this answer: it comes when the caller's own is locked. */
  blind: z.boolean(),
  /** Of a practice round: which item of how many. Practice counts for nothing else. */
  practice: z.object({ at: z.number().int(), of: z.number().int() }).nullable(),
  /** What a curator wrote when they sent it back. */
  note: z.string().nullable(),
  /** The caller's questions about it, with the replies. */
  questions: z.array(z.object({ text: z.string(), reply: z.string().nullable(), at: instant })),
  /** Held for the caller, as a curator asked. */
  assignedToMe: z.boolean(),
  draft: z.object({ revision: z.number().int(), body: draftBody, savedAt: instant }).nullable(),
})
export type HeldItem = z.infer<typeof heldItem>

/** What annotators are asked under: the words of every code that was ever in use, too. */
export const workSpecification = z.object({
  version: z.number().int(),
  reasons: z.array(z.object({ code: z.string(), words: z.string() })),
  words: z.record(z.string(), z.string()),
})
export type WorkSpecification = z.infer<typeof workSpecification>

export const claimAnswer = z.object({
  specification: workSpecification,
  held: z.array(heldItem).meta({ description: 'All that the caller holds in this queue, oldest first' }),
  /** True only when a look without the floor found nothing, or when the queue is paused or closed. */
  noMore: z.boolean(),
  leaseMs: z.number().int(),
})
export type ClaimAnswer = z.infer<typeof claimAnswer>

export const holdParams = z.object({ token: z.number().int() }).strict()
export const draftAnswer = z.object({
  /** What is kept: higher than the one sent where a newer save came first. */
  revision: z.number().int(),
  savedAt: instant,
})
export type DraftAnswer = z.infer<typeof draftAnswer>

export const heartbeatAnswer = z.object({ leasedUntil: instant })
export type HeartbeatAnswer = z.infer<typeof heartbeatAnswer>

export const releaseBody = z
  .object({
    assignments: z
      .array(z.object({ id: uuid, token: z.number().int() }).strict())
      .min(1)
      .max(10),
  })
  .strict()
export type ReleaseBody = z.infer<typeof releaseBody>

/** What stands beside a locked answer. */
export const revealed = z.object({
  candidates: z.array(judgedSuggestion),
  model: z.object({ name: z.string(), version: z.string() }).nullable(),
})
export type Revealed = z.infer<typeof revealed>

/** How an answer of the practice round compares with the known truth. */
export const practiceFeedback = z.object({
  right: z.boolean(),
  expected: z.array(verdictInput),
  /** Acceptable texts, where the truth names some. */
  texts: z.array(z.string()),
  explanation: z.string(),
  /** How the round stands after it. */
  round: z.object({
    judged: z.number().int(),
    right: z.number().int(),
    of: z.number().int(),
    state: z.enum(['running', 'passed', 'failed']),
  }),
})
export type PracticeFeedback = z.infer<typeof practiceFeedback>

/** What an annotator did. Sending the same id again stores nothing twice. */
export const reviewEventInput = z
  .object({
    id: uuid7,
    assignmentId: uuid,
    token: z.number().int().meta({ description: 'Of the lease; for undone and redone, any number' }),
    type: z.enum(annotatorEventTypes),
    targetEventId: uuid7.optional().meta({
      description: 'The event that is undone; for `redone`, the undo; for `compared`, the locked answer',
    }),
    verdicts: z.array(verdictInput).max(20).default([]),
    /** Acceptable answers that the annotator wrote, in the task's value schema. */
    texts: z.array(z.unknown()).max(10).default([]),
    comment: z.string().max(4000).default('').meta({ description: 'For `asked`: the question' }),
    preference: z
      .enum(preferences)
      .optional()
      .meta({ description: 'Of `compared`: whose answer is better. `amended` comes with texts' }),
    specificationVersion: z.number().int().min(1).optional().meta({
      description: 'The version that the annotator was shown; the current one where nothing is said',
    }),
    reason: z
      .string()
      .regex(/^[a-z][a-z0-9-]{0,40}$/, 'must be a code such as "unclear"')
      .optional(),
    activeMs: z.number().min(0).max(1e10).optional(),
  })
  .strict()
export type ReviewEventInput = z.infer<typeof reviewEventInput>

export const reviewEventsBody = z.object({ events: z.array(z.unknown()).min(1).max(100) }).strict()

export const reviewEventAnswer = z.object({
  id: z.string(),
  status: z.enum(['stored', 'no_op', 'refused']),
  code: z
    .string()
    .optional()
    .meta({ description: '`lease_lost`: somebody else has the item; the text is kept as a draft' }),
  detail: z.string().optional(),
  field: z.string().optional(),
  /** After an undo: the item in the caller's hands again, with what was submitted as its draft. */
  held: heldItem.nullable().optional(),
  /** After an undo: sentences on what rested on it. */
  restedOnIt: z.array(z.string()).optional(),
  /** After a blind answer: the suggestion, now that the answer is locked. */
  revealed: revealed.nullable().optional(),
  /** After an answer of a practice round. */
  feedback: practiceFeedback.nullable().optional(),
})
export type ReviewEventAnswer = z.infer<typeof reviewEventAnswer>
export const reviewEventsAnswer = z.object({ events: z.array(reviewEventAnswer) })
export type ReviewEventsAnswer = z.infer<typeof reviewEventsAnswer>

/** One thing that the caller did in a queue, newest first in a list. */
export const reviewedEntry = z.object({
  eventId: uuid,
  assignmentId: uuid,
  entryId: uuid,
  itemId: uuid,
  title: z.string(),
  media: mediaReference.nullable(),
  type: z.enum(['submitted', 'skipped', 'flagged', 'asked', 'compared']),
  blind: z.boolean(),
  /** What was said after the suggestion of a blind item was revealed. */
  preference: z.enum(preferences).nullable(),
  /** Sent back by a curator: it is no longer a ground of anything. */
  setAside: z.boolean(),
  /** Judged together with others, under this id. */
  bulkId: uuid.nullable(),
  practice: z.boolean(),
  standing: z.enum(['active', 'undone']),
  /** The undo that is in force, which a redo names. */
  undoEventId: uuid.nullable(),
  verdicts: z.array(verdictInput),
  texts: z.array(z.string()),
  suggestion: z.string().nullable(),
  reason: z.string().nullable(),
  /** What the answer led to. */
  resolved: z.boolean(),
  /** Sentences on what would be overtaken if it were taken back. */
  restsOnIt: z.array(z.string()),
  /** Of `asked`: the question, and the curator’s reply. */
  question: z.object({ text: z.string(), reply: z.string().nullable() }).nullable(),
  /** Where the item stands now. */
  entryState: z.enum([...entryStates, 'closed']),
  at: instant,
})
export type ReviewedEntry = z.infer<typeof reviewedEntry>
export const reviewedPage = z.object({
  entries: z.array(reviewedEntry),
  nextCursor: z.string().nullable(),
})
export type ReviewedPage = z.infer<typeof reviewedPage>
export const reviewedQuery = pageQuery

/** The same across the queues of a project, each with its queue. */
export const myReview = reviewedEntry.extend({ queue: z.object({ id: uuid, name: z.string() }) })
export type MyReview = z.infer<typeof myReview>
export const myReviewPage = z.object({ entries: z.array(myReview), nextCursor: z.string().nullable() })
export type MyReviewPage = z.infer<typeof myReviewPage>

/** An item that an annotator marked for a curator. Undoing the event takes the mark away. */
export const flaggedEntry = z.object({
  eventId: uuid,
  entryId: uuid,
  itemId: uuid,
  title: z.string(),
  reason: z.string().nullable(),
  comment: z.string(),
  by: z.string().meta({ description: 'Pseudonym of who flagged it' }),
  at: instant,
})
export type FlaggedEntry = z.infer<typeof flaggedEntry>
export const flaggedPage = z.object({ entries: z.array(flaggedEntry), nextCursor: z.string().nullable() })
export type FlaggedPage = z.infer<typeof flaggedPage>
