import { z } from 'zod'
import { instant, uuid } from './common'
import { job } from './jobs'

const column = z.string().min(1).max(500)

/** Which column holds what; of an archive of pictures, that it is one. With `payload` each row is an item's payload already, or holds one under `payload`. */
export const importMapping = z.discriminatedUnion('as', [
  z.object({
    as: z.literal('columns'),
    columns: z
      .record(z.string().max(60), column)
      .meta({ description: 'Column by field: the task’s fields, and `externalId`, `groupId`' }),
  }),
  z.object({ as: z.literal('payload') }),
  z.object({ as: z.literal('pictures') }),
])
export type ImportMapping = z.infer<typeof importMapping>

export const mappingBody = z.object({ mapping: importMapping })

export const uploadQuery = z.object({
  fileName: z.string().trim().min(1).max(200).default('file'),
})

const importFacts = z.object({
  id: uuid,
  fileName: z.string(),
  bytes: z.number().int(),
  contentHash: z
    .string()
    .meta({ description: 'SHA-256 of the bytes; the same file sent again is the same import' }),
  format: z.string(),
  formatLabel: z.string(),
  encoding: z.string(),
  delimiter: z.string().nullable(),
  state: z.enum(['uploaded', 'running', 'done', 'failed', 'cancelled', 'undone']),
  total: z.number().int().nullable(),
  position: z.number().int().meta({ description: 'Rows looked at so far' }),
  stored: z.number().int(),
  known: z.number().int().meta({ description: 'Rows whose item was there already' }),
  refused: z.number().int(),
  sentence: z
    .string()
    .meta({ description: 'Where it stands, in words: “1,200 of 1,500 rows, 3 refused: lines 7, 19, 800”' }),
  firstItemId: uuid.nullable(),
  actionId: uuid.nullable().meta({ description: 'Undo it by this id' }),
  job: job.nullable(),
  createdAt: instant,
  finishedAt: instant.nullable(),
})
export type ImportFacts = z.infer<typeof importFacts>

const importProblem = z.object({ line: z.number().int(), field: z.string().nullable(), detail: z.string() })
export type ImportProblem = z.infer<typeof importProblem>

const previewRow = z.object({
  line: z.number().int(),
  title: z.string().nullable(),
  text: z.string().nullable(),
  externalId: z.string().nullable(),
  groupId: z.string().nullable(),
  problem: z.object({ field: z.string().nullable(), detail: z.string() }).nullable(),
})
export type PreviewRow = z.infer<typeof previewRow>

export const importPreview = z.object({
  rows: z.array(previewRow).meta({ description: 'The first rows as items' }),
  refused: z.number().int().meta({ description: 'How many of the looked-at rows would be refused' }),
  lookedAt: z.number().int(),
})
export type ImportPreview = z.infer<typeof importPreview>

export const importDetail = importFacts.extend({
  columns: z.array(z.string()),
  fields: z.array(
    z.object({
      id: z.string(),
      label: z.string(),
      hint: z.string().nullable(),
      required: z.boolean(),
    }),
  ),
  mapping: importMapping
    .nullable()
    .meta({ description: 'The one in use, else the proposed one; null when none fits' }),
  payloadRows: z.boolean().meta({ description: 'The rows are payloads of the task already' }),
  preview: importPreview.nullable(),
  problems: z
    .array(importProblem)
    .meta({ description: 'The first 20 refused rows; all of them in the report' }),
})
export type ImportDetail = z.infer<typeof importDetail>

export const importList = z.object({ imports: z.array(importFacts), nextCursor: z.string().nullable() })
export type ImportList = z.infer<typeof importList>
