import { z } from 'zod'
import { consumersSchema, licenceSchema, rulesSchema, selectionSchema } from '@/domain/dataset'
import { datasetFormatIds } from '@/domain/dataset-formats'
import { splits } from '@/domain/dataset-split'
import { changeKinds, datasetTargets, overtakenReasons } from '@/domain/dataset-words'
import { instant, projectParams, uuid } from './common'
import { job } from './jobs'

const target = z.enum(datasetTargets).meta({
  description:
    '`decision`: what people kept of suggestions. `resolution`: what review agreed on. `preference`: what people preferred, and to what. `verdict`: suggestions with what people said of them. Never mixed',
})
const name = z.string().trim().min(1).max(80)
const description = z.string().trim().max(2000)
const consumers = consumersSchema.meta({
  description: 'Who takes versions, and for what. A version leaves only for one of them',
})
const licence = licenceSchema.meta({ description: 'SPDX identifier or name; null where nobody said' })
const count = z.number().int()
const perSplit = z.object({ train: count, validation: count, test: count })

export const datasetParams = projectParams.extend({
  dataset: z.string().min(1).max(100).meta({ description: "The dataset's slug or id" }),
})
export const versionParams = datasetParams.extend({
  version: z
    .string()
    .min(1)
    .max(40)
    .meta({ description: 'Its number, or `latest` for the newest frozen one' }),
})

export const makeDatasetBody = z
  .object({
    name,
    slug: z
      .string()
      .max(100)
      .optional()
      .meta({ description: 'Part of addresses; made from the name if left out' }),
    description: description.default(''),
    target: target.default('decision'),
    selection: selectionSchema.prefault({}),
    rules: rulesSchema.prefault({}),
    licence: licence.default(null),
    consumers: consumers.default([]),
  })
  .strict()
export type MakeDatasetBody = z.output<typeof makeDatasetBody>

export const changeDatasetBody = z
  .object({
    name: name.optional(),
    description: description.optional(),
    selection: selectionSchema.optional(),
    rules: rulesSchema.optional(),
    licence: licence.optional(),
    consumers: consumers.optional(),
    archived: z.boolean().optional(),
  })
  .strict()
export type ChangeDatasetBody = z.output<typeof changeDatasetBody>

export const previewDatasetBody = z
  .object({
    target: target.default('decision'),
    selection: selectionSchema.prefault({}),
    rules: rulesSchema.prefault({}),
  })
  .strict()
export type PreviewDatasetBody = z.output<typeof previewDatasetBody>

export const datasetPreview = z.object({
  rows: count,
  groups: count,
  splits: perSplit,
  states: z.record(z.string(), count).meta({ description: 'Rows by decision, or by source of a resolution' }),
  influenced: perSplit.meta({ description: 'Rows whose author could see a suggestion before, by split' }),
  unbiasedTest: count.meta({ description: 'Test rows selected by chance and judged without a suggestion' }),
  leftOut: z
    .record(z.string(), count)
    .meta({ description: 'What the selection reaches and a version would not hold' }),
})
export type DatasetPreview = z.infer<typeof datasetPreview>

export const datasetVersion = z.object({
  id: uuid,
  number: count,
  state: z.enum(['freezing', 'blocked', 'frozen', 'failed', 'cancelled']).meta({
    description: '`blocked`: a blocking check found something that nobody has waived yet',
  }),
  rows: count,
  groups: count,
  splits: perSplit,
  states: z.record(z.string(), count),
  influenced: perSplit,
  leftOut: z.record(z.string(), count),
  parentNumber: count.nullable().meta({ description: 'The frozen version before it' }),
  definition: z.record(z.string(), z.unknown()).meta({
    description:
      'Target, selection and rules as they stood, and the moment (`asOf`) at which the ledger was read',
  }),
  rowsHash: z
    .string()
    .nullable()
    .meta({ description: 'SHA-256 over the hashes of the rows; it can be checked also after an erasure' }),
  contentSha256: z
    .string()
    .nullable()
    .meta({ description: 'SHA-256 of the JSON Lines file; what was erased since is no longer in the file' }),
  contentBytes: count.nullable(),
  createdBy: z.string().nullable(),
  createdAt: instant,
  frozenAt: instant.nullable(),
  overtakenAt: instant.nullable(),
  overtakenReason: z.enum(overtakenReasons).nullable(),
  tombstonedAt: instant.nullable().meta({
    description: 'Rows of it were erased: those are unreadable, and its successor does not hold them',
  }),
  successorNumber: count.nullable().meta({ description: 'The version made without the erased rows' }),
  clusters: count.nullable().meta({ description: 'Clusters of near-duplicates; null in versions of before' }),
  unbiasedTest: count
    .nullable()
    .meta({ description: 'Test rows selected by chance and judged blind; null in versions of before' }),
  cuts: z
    .object({ validationFrom: instant, testFrom: instant })
    .nullable()
    .meta({ description: 'First moments of validation and test, where time parts them' }),
  actionId: uuid.nullable().meta({ description: 'The freeze can be withdrawn by this id' }),
  job: job.nullable(),
})
export type DatasetVersion = z.infer<typeof datasetVersion>

const datasetFacts = z.object({
  id: uuid,
  slug: z.string(),
  name: z.string(),
  description: z.string(),
  target,
  selection: selectionSchema,
  rules: rulesSchema,
  licence,
  consumers,
  createdBy: z.string().nullable(),
  createdAt: instant,
  archivedAt: instant.nullable(),
})

export const datasetSummary = datasetFacts.extend({
  newest: datasetVersion.nullable().meta({ description: 'The newest frozen version' }),
  frozenVersions: count,
  freezing: z.boolean(),
})
export type DatasetSummary = z.infer<typeof datasetSummary>
export const datasetList = z.object({ datasets: z.array(datasetSummary) })
export type DatasetList = z.infer<typeof datasetList>

export const datasetDetail = datasetFacts.extend({
  versions: z.array(datasetVersion).meta({ description: 'Newest first' }),
})
export type DatasetDetail = z.infer<typeof datasetDetail>

export const madeDataset = datasetDetail.extend({
  actionId: uuid.meta({ description: 'Undo it by this id' }),
})
export type MadeDataset = z.infer<typeof madeDataset>

export const versionRowsQuery = z.object({
  after: z.coerce
    .number()
    .int()
    .min(0)
    .default(0)
    .meta({ description: 'The number of the last row of the page before' }),
  split: z.enum(splits).optional(),
  limit: z.coerce.number().int().min(1).max(200).default(50),
})

const rowValue = z.object({
  text: z.string().nullable(),
  origin: z.enum(['suggestion', 'written']),
  verdict: z.enum(['good', 'usable', 'wrong']).nullable(),
})
export const versionRow = z.object({
  number: count,
  split: z.enum(splits),
  itemId: uuid,
  exposureId: uuid.nullable(),
  title: z.string().nullable(),
  erased: z.boolean(),
  values: z.array(rowValue),
  suggestion: z.string().nullable().meta({ description: 'The first one that was shown' }),
  label: z.string().nullable().meta({ description: 'The decision, or the source of the resolution' }),
  modelInfluenced: z.boolean(),
  annotators: z.array(z.string()),
  model: z.string().nullable(),
  decidedAt: instant,
})
export type VersionRow = z.infer<typeof versionRow>
export const versionRows = z.object({ rows: z.array(versionRow), nextAfter: count.nullable() })
export type VersionRows = z.infer<typeof versionRows>

export const versionExportQuery = z.object({
  format: z.enum(datasetFormatIds).default('jsonl'),
  split: z.enum(splits).default('train').meta({
    description: 'Of formats whose file holds one split: which one',
  }),
  consumer: z.string().min(1).max(80).optional().meta({
    description: 'For whom this is, as the dataset declares it; may be left out where there is only one',
  }),
  formulas: z.enum(['apostrophe', 'off']).default('apostrophe').meta({
    description: 'Spreadsheets run cells that begin with = + - @; `apostrophe` defuses them in CSV',
  }),
  links: z.enum(['none', 'signed']).default('none').meta({
    description:
      'Of formats that name pictures (`media`, `coco-captions`, `label-studio`): `signed` puts addresses there that open them for a day without a key',
  }),
})

export const preparedFile = z.object({
  state: z.enum(['making', 'ready']).meta({ description: '`making`: ask again in a moment' }),
  bytes: count.nullable().meta({
    description: 'Of a ready file its length, where that is known before it is sent; else how many are made',
  }),
})
export type PreparedFile = z.infer<typeof preparedFile>

export const versionArchiveQuery = versionExportQuery.pick({ consumer: true })

export const versionDiffQuery = z.object({
  against: z
    .string()
    .max(40)
    .optional()
    .meta({ description: 'Number of the other version; the frozen one before if left out' }),
  kind: z
    .enum(changeKinds)
    .optional()
    .meta({ description: 'One kind only, page by page; the first 20 of each if left out' }),
  after: z.coerce
    .number()
    .int()
    .min(0)
    .default(0)
    .meta({ description: '`nextAfter` of the page before; with `kind` only' }),
  slice: z.string().max(60).optional().meta({
    description: 'Name of a slice: rows by its values. Without it the first one by name, where there is one',
  }),
})

const changedRow = z.object({
  number: count.meta({ description: 'Its number in this version; of a removed row, in the other one' }),
  itemId: uuid,
  title: z.string().nullable(),
  before: z
    .array(z.string())
    .nullable()
    .meta({ description: 'Its values in the other version; null where it was not in it' }),
  after: z.array(z.string()).nullable(),
  erased: z.boolean(),
  splitBefore: z.enum(splits).nullable(),
  splitAfter: z.enum(splits).nullable(),
  why: z.string().meta({ description: 'In a few words' }),
})
export type ChangedRow = z.infer<typeof changedRow>
const changeGroup = z.object({
  count,
  first: z.array(changedRow).meta({ description: 'Up to 20, from `after` on' }),
  nextAfter: count.nullable().meta({ description: 'Where the next page begins; null at the end' }),
})
const changeCounts = z.object({ added: count, removed: count, changed: count, moved: count })
export const versionDiff = z.object({
  number: count,
  against: count,
  added: changeGroup,
  removed: changeGroup,
  changed: changeGroup,
  moved: changeGroup.meta({
    description: 'Between train and validation; nothing moves into or out of test',
  }),
  bySplit: z.object({ train: changeCounts, validation: changeCounts, test: changeCounts }).meta({
    description: 'Of removed rows the split that they were in, of all others the one that they are in',
  }),
  slices: z.object({
    names: z.array(z.string()).meta({ description: 'Slices that rows of either version have' }),
    name: z.string().nullable().meta({ description: 'The one that is counted below' }),
    values: z
      .array(changeCounts.extend({ value: z.string(), before: count, after: count }))
      .meta({ description: 'Most rows first, up to 50; `before` and `after` are rows of each version' }),
  }),
  rules: z
    .array(z.string())
    .meta({ description: 'What of the definition differs, in a few words each; empty where nothing does' }),
})
export type VersionDiff = z.infer<typeof versionDiff>
