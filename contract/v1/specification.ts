import { z } from 'zod'
import { longestGuideline, reasonCodeSchema, specificationSchema } from '@/domain/specification'
import { instant, projectParams, uuid } from './common'
import { job } from './jobs'

const count = z.number().int()
const noNul = (text: string) => !text.includes('\0')
const nul = 'has a NUL character; remove it'

export const specificationParams = projectParams.extend({
  version: z.string().min(1).max(40).meta({ description: 'Its number, or `latest` for the one in force' }),
})

const reason = z.object({ code: reasonCodeSchema, words: z.string() })
const reasonChanges = z.object({
  added: z.array(reason),
  removed: z.array(reason),
  renamed: z.array(z.object({ code: z.string(), before: z.string(), after: z.string() })),
  reordered: z.boolean(),
})

/** One version without its guideline. */
const versionFacts = z.object({
  version: count,
  current: z.boolean(),
  reasons: z.array(reason),
  mapping: z
    .record(z.string(), z.string().nullable())
    .meta({ description: 'How codes of the version before are read under this one; null: as none' }),
  restores: count.nullable().meta({ description: 'The version whose content this one brings back' }),
  note: z.string().meta({ description: 'What changed, in the words of who published it' }),
  createdBy: z.string().nullable(),
  createdAt: instant.nullable().meta({ description: 'Null of version 1 where nobody wrote it' }),
  changes: reasonChanges.meta({ description: 'Against the version before' }),
  guideline: z.object({ addedLines: count, removedLines: count }),
})
export type SpecificationVersion = z.infer<typeof versionFacts>

export const specificationView = versionFacts.extend({
  markdown: z.string(),
  before: z.string().nullable().meta({ description: 'The guideline of the version before' }),
})
export type SpecificationView = z.infer<typeof specificationView>

export const specificationVersions = z.object({
  versions: z.array(versionFacts).meta({ description: 'Newest first' }),
  sentBack: job
    .nullable()
    .meta({ description: 'How far the sending back of items is that came with the version in force' }),
})
export type SpecificationVersions = z.infer<typeof specificationVersions>

export const changeSpecificationBody = z
  .object({
    base: count.min(1).meta({ description: 'The version that was edited; another one since is a conflict' }),
    markdown: z.string().max(longestGuideline).refine(noNul, nul),
    schema: specificationSchema,
    mapping: z.record(reasonCodeSchema, reasonCodeSchema.nullable()).default({}).meta({
      description: 'For every removed code: as which one its answers are read, or null',
    }),
    sendBack: z
      .object({
        codes: z.array(reasonCodeSchema).max(9).default([]).meta({
          description: 'Removed codes: items with an answer that carries one are judged again',
        }),
        queues: z.array(uuid).max(200).default([]).meta({
          description: 'Queues whose resolved items are judged again, since the guideline changed',
        }),
      })
      .strict()
      .prefault({}),
    note: z.string().trim().max(500).refine(noNul, nul).default(''),
  })
  .strict()
export type ChangeSpecificationBody = z.output<typeof changeSpecificationBody>

const perQueue = z.object({ id: uuid, name: z.string(), answers: count, items: count, resolved: count })
const held = z.object({ dataset: z.string(), number: count, rows: count })
const affected = z.object({
  answers: count,
  items: count,
  resolved: count.meta({ description: 'Of these items' }),
  queues: z.array(perQueue),
  versions: z.array(held).meta({ description: 'Frozen dataset versions that hold these items' }),
})
export type Affected = z.infer<typeof affected>

export const specificationPreview = z.object({
  version: count.meta({ description: 'The number that it would get' }),
  changes: reasonChanges,
  guidelineChanged: z.boolean(),
  codes: z.array(affected.extend({ code: z.string(), words: z.string() })),
  guideline: affected.meta({ description: 'All answers that were given under earlier versions' }),
  sentBack: z.object({ items: count, resolved: count, versions: z.array(held) }),
})
export type SpecificationPreview = z.infer<typeof specificationPreview>

export const changedSpecification = z.object({
  version: count,
  actionId: uuid.meta({ description: 'Undo it by this id' }),
  jobId: uuid.nullable().meta({ description: 'The sending back of items, where there is one' }),
})
export type ChangedSpecification = z.infer<typeof changedSpecification>

export const precedent = z.object({
  id: uuid,
  itemId: uuid,
  entryId: uuid,
  title: z.string(),
  accepted: z.array(z.string()),
  rejected: z.array(z.string()),
  explanation: z.string(),
  reasons: z.array(z.string()).meta({ description: 'As they are read now' }),
  specificationVersion: count,
  createdAt: instant,
  withdrawnAt: instant.nullable(),
  withdrawnReason: z.enum(['curator', 'undone', 'opted-out', 'erased']).nullable(),
})
export type Precedent = z.infer<typeof precedent>
export const precedentList = z.object({ precedents: z.array(precedent) })
export type PrecedentList = z.infer<typeof precedentList>

export const makePrecedentBody = z
  .object({
    entryId: uuid,
    explanation: z.string().trim().max(2000).refine(noNul, nul).default(''),
    reasons: z.array(reasonCodeSchema).max(9).default([]),
  })
  .strict()
export const madePrecedent = z.object({
  precedent,
  leftOut: count.meta({ description: 'Texts whose author does not let them be used' }),
  actionId: uuid.meta({ description: 'Undo it by this id' }),
})
export type MadePrecedent = z.infer<typeof madePrecedent>
export const changedPrecedent = z.object({ id: uuid, actionId: uuid })
