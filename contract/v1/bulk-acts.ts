import { z } from 'zod'
import { instant, instantInput, uuid, uuid7 } from './common'
import { feedbackFilter } from './feedback'

/** Rows of the explorer; what is done is done to their items, each once. */
export const bulkSelection = z.union([
  z
    .object({
      exposureIds: z.array(uuid).min(1).max(1000).meta({ description: 'These rows' }),
    })
    .strict(),
  z
    .object({
      filter: feedbackFilter.meta({ description: 'Every row that this filter lets through' }),
      except: z.array(uuid).max(1000).default([]).meta({ description: 'But these rows' }),
      until: instantInput.optional().meta({
        description:
          'Only rows up to this time: `until` of the preview, so that what came since is not touched',
      }),
    })
    .strict(),
])
export type BulkSelection = z.output<typeof bulkSelection>

const tag = z
  .string()
  .trim()
  .min(1)
  .max(60)
  .regex(/^\P{C}+$/u, 'must not hold control characters')

export const bulkAct = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('tag'), tag }).strict(),
  z.object({ kind: z.literal('untag'), tag }).strict(),
  z.object({ kind: z.literal('exclude') }).strict(),
  z.object({ kind: z.literal('include') }).strict(),
  z.object({ kind: z.literal('queue'), queueId: uuid }).strict(),
  z.object({ kind: z.literal('redact') }).strict(),
])

const count = z.number().int()

export const previewBulkBody = z.object({ selection: bulkSelection, act: bulkAct }).strict()
export type PreviewBulkBody = z.output<typeof previewBulkBody>

export const bulkPreview = z.object({
  rows: count.meta({ description: 'Rows of the explorer that are selected' }),
  items: count.meta({ description: 'Items they are about' }),
  changes: count.nullable().meta({
    description: 'Items that will change. Null for `redact` of more items than a preview looks through',
  }),
  lookedThrough: count.nullable().meta({ description: 'Of `redact`: items whose words were looked through' }),
  found: count.nullable().meta({ description: 'Of `redact`: of those, items that hold personal data' }),
  unchanged: z.array(z.object({ reason: z.string(), words: z.string(), items: count })),
  examples: z
    .array(z.object({ itemId: uuid, title: z.string().nullable() }))
    .meta({ description: 'The first few that change' }),
  notes: z.array(z.string()).meta({ description: 'What is not touched' }),
  until: instant,
})
export type BulkPreview = z.infer<typeof bulkPreview>

export const bulkActBody = z
  .object({
    id: uuid7.meta({ description: 'Made by the client: sending it again does nothing twice' }),
    selection: bulkSelection,
    act: bulkAct,
    expected: z
      .object({ items: count, changes: count.nullable() })
      .strict()
      .optional()
      .meta({ description: 'As the preview said. Where it is otherwise by now, nothing is done' }),
  })
  .strict()
export type BulkActBody = z.output<typeof bulkActBody>

export const bulkAnswer = z.object({
  id: uuid,
  state: z.enum(['running', 'done', 'cancelled', 'failed']),
  jobId: uuid.nullable().meta({ description: 'The job that does it, where there are many' }),
  items: count.nullable().meta({ description: 'Items of the selection; null until they are counted' }),
  changed: count,
  actionId: uuid
    .nullable()
    .meta({ description: 'Undo it by this; null while it runs or where nothing changed' }),
  error: z.string().nullable(),
})
export type BulkAnswer = z.infer<typeof bulkAnswer>
