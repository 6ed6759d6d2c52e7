import { z } from 'zod'
import { instant, uuid } from './common'
import { job } from './jobs'

const column = z.string().min(1).max(500)

/** Which column holds what; of an archive of pictures, that it is one. With `payload` each row is an item's payload already, or holds one under `payload`. */
const licence = z.string().trim().min(1).max(60).optional().meta({
  description: 'Under what all items of the file may be used, where no row says its own: an SPDX identifier',
})

export const importMapping = z.discriminatedUnion('as', [
  z.object({
    as: z.literal('columns'),
    licence,
    columns: z.record(z.string().max(60), column).meta({
      description:
        'Column by field: the task’s fields, `externalId`, `groupId`, `priority`, `licence`, and `value`, `annotator`, `split` for what somebody said already',
    }),
  }),
  z.object({ as: z.literal('payload'), licence }),
  z.object({
    as: z.literal('pictures'),
    licence,
    columns: z.record(z.string().max(60), column).optional().meta({
      description:
        'Of what an archive says of its pictures: column by field, as `value`, `annotator`, `licence`',
    }),
  }),
])
export type ImportMapping = z.infer<typeof importMapping>

export const mappingBody = z.object({ mapping: importMapping })

export const readingBody = z.object({
  dialect: z
    .string()
    .max(40)
    .nullable()
    .meta({ description: 'Which tool’s rows to read them as; null for plain ones' }),
})

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
  licence: z.string().nullable(),
  values: z.array(z.string()).meta({ description: 'What somebody said already, in words' }),
  annotators: z.number().int().meta({ description: 'How many people said it, where the file names them' }),
  split: z.enum(['train', 'validation', 'test']).nullable(),
  problem: z.object({ field: z.string().nullable(), detail: z.string() }).nullable(),
})
export type PreviewRow = z.infer<typeof previewRow>

export const importPreview = z.object({
  rows: z.array(previewRow).meta({ description: 'The first rows as items' }),
  refused: z.number().int().meta({ description: 'How many of the looked-at rows would be refused' }),
  lookedAt: z.number().int(),
  notTaken: z
    .array(z.object({ what: z.string(), rows: z.number().int() }))
    .meta({ description: 'What the looked-at rows hold as well and is not taken, and why' }),
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
  dialect: z
    .string()
    .nullable()
    .meta({ description: 'Which tool’s rows they are read as; null for plain ones' }),
  dialects: z.array(z.object({ id: z.string(), label: z.string() })),
  payloadRows: z.boolean().meta({ description: 'The rows are payloads of the task already' }),
  preview: importPreview.nullable(),
  problems: z
    .array(importProblem)
    .meta({ description: 'The first 20 refused rows; all of them in the report' }),
})
export type ImportDetail = z.infer<typeof importDetail>

export const importList = z.object({ imports: z.array(importFacts), nextCursor: z.string().nullable() })
export type ImportList = z.infer<typeof importList>
