import { z } from 'zod'
import { exploreColumns } from '@/domain/explore-words'
import { instant, projectParams, uuid } from './common'
import { feedbackFilter } from './feedback'

export const exploreParams = projectParams

const count = z.number().int()
const counts = z.array(count)

export const countsQuery = feedbackFilter
  .pick({ state: true, version: true, from: true, to: true, simulated: true })
  .extend({
    slice: uuid.optional().meta({ description: 'Counts of this saved slice instead of everything' }),
  })

/** Counts that are kept, not made while somebody waits. */
export const feedbackCounts = z.object({
  n: count,
  /** Without `state` and `version`: what the other filters let through. */
  byState: z.array(z.object({ state: z.string(), n: count })),
  byVersion: z.array(z.object({ version: uuid.nullable(), n: count })),
  confidence: counts.meta({ description: 'By tenth of the confidence, 0–0.1 first' }),
  edit: counts.meta({ description: 'By tenth of the edit distance, 0–0.1 first' }),
  days: z
    .array(z.object({ day: z.string(), n: count }))
    .meta({ description: 'The latest 60 days of these, from the first that holds anything' }),
  hours: counts.meta({ description: "By hour of the day in the project's zone" }),
  asOf: instant
    .nullable()
    .meta({ description: 'Up to when feedback is counted; null before the first time' }),
  behind: z.boolean().meta({ description: 'Days are waiting to be counted again' }),
})
export type FeedbackCounts = z.infer<typeof feedbackCounts>

/** What the address of the explorer holds. */
const viewQuery = feedbackFilter
  .partial()
  .extend({ order: z.enum(['newest', 'oldest']).optional() })
  .strict()
const viewName = z.string().trim().min(1).max(80)
const columns = z.array(z.enum(exploreColumns)).max(exploreColumns.length)

export const saveViewBody = z
  .object({
    name: viewName,
    kind: z.enum(['view', 'slice']),
    query: viewQuery.default({}),
    columns: columns.nullable().default(null),
    shared: z.boolean().default(true).meta({
      description: 'Whether everybody who may study feedback sees it, or you alone. Slices are always shared',
    }),
  })
  .strict()
export type SaveViewBody = z.output<typeof saveViewBody>

export const changeViewBody = z
  .object({
    name: viewName.optional(),
    query: viewQuery.optional(),
    columns: columns.nullable().optional(),
    shared: z.boolean().optional(),
    archived: z.boolean().optional(),
  })
  .strict()
export type ChangeViewBody = z.output<typeof changeViewBody>

const estimate = z.object({ value: z.number(), low: z.number(), high: z.number(), n: count })

/** What people did with the suggestions of a slice in its days; blind ones and simulated ones are not among them. */
export const sliceFigures = z.object({
  /** Everything of these days, also what nobody has decided. */
  n: count,
  accepted: count,
  corrected: count,
  rejected: count,
  undone: count.meta({ description: 'Taken back, whatever stands now' }),
  blind: count.meta({ description: 'Shown to nobody before the answer; in no rate' }),
  acceptance: estimate.nullable().meta({
    description: 'Accepted of accepted, corrected and rejected; null of nothing. Under 30 it says too little',
  }),
  days: z.array(z.object({ day: z.string(), n: count, accepted: count, of: count })),
  counting: z.boolean().meta({ description: 'Not all of its days are counted yet' }),
})
export type SliceFigures = z.infer<typeof sliceFigures>

export const savedView = z.object({
  id: uuid,
  name: z.string(),
  kind: z.enum(['view', 'slice']),
  query: z.record(z.string(), z.unknown()),
  columns: z.array(z.string()).nullable(),
  shared: z.boolean(),
  mine: z.boolean(),
  archived: z.boolean(),
  figures: sliceFigures.nullable(),
})
export type SavedView = z.infer<typeof savedView>

export const savedViewList = z.object({
  views: z.array(savedView),
  all: sliceFigures.meta({ description: 'The same figures of everything' }),
})
export type SavedViewList = z.infer<typeof savedViewList>

export const savedViewAnswer = savedView.omit({ figures: true }).extend({ actionId: uuid })
export type SavedViewAnswer = z.infer<typeof savedViewAnswer>

export const filterChoices = z.object({
  tags: z.array(z.string()),
  arms: z.array(z.string()).meta({ description: 'Among the latest exposures' }),
  attributes: z.array(z.string()).meta({ description: '`name=value` among the latest exposures' }),
  imports: z.array(z.object({ id: uuid, label: z.string() })),
})
export type FilterChoices = z.infer<typeof filterChoices>
