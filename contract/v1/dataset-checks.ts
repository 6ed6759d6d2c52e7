import { z } from 'zod'
import { checkNames } from '@/domain/dataset-check'
import { instant, uuid } from './common'
import { versionParams } from './datasets'

const count = z.number().int()

export const checkParams = versionParams.extend({ check: z.enum(checkNames) })

const waiver = z.object({
  at: instant,
  by: z.string().nullable(),
  reason: z.string().nullable().meta({ description: 'Null where it was erased' }),
  actionId: uuid
    .nullable()
    .meta({ description: 'It can be taken back by this id until the version is frozen' }),
})

export const versionCheck = z.object({
  name: z.enum(checkNames),
  level: z.enum(['blocking', 'warning']),
  outcome: z.enum(['passed', 'found', 'not-applicable']),
  value: z.number().nullable().meta({ description: 'What was measured: rows, a share, or how many times' }),
  of: count.nullable().meta({ description: 'Of how many rows' }),
  limit: z.number().nullable().meta({ description: 'More than this is found' }),
  findings: count.meta({ description: 'How many there are; up to 1,000 are listed' }),
  detail: z.record(z.string(), z.unknown()).meta({ description: 'Numbers beside it, by name' }),
  method: z.string(),
  ranAt: instant,
  waiver: waiver.nullable(),
})
export type VersionCheck = z.infer<typeof versionCheck>

export const versionChecks = z.object({
  number: count,
  state: z.enum(['freezing', 'blocked', 'frozen', 'failed', 'cancelled']),
  checks: z
    .array(versionCheck)
    .meta({ description: 'None of versions that were frozen before there were any' }),
})
export type VersionChecks = z.infer<typeof versionChecks>

export const findingsQuery = z.object({
  after: z.coerce.number().int().min(0).default(0).meta({ description: '`nextAfter` of the page before' }),
  limit: z.coerce.number().int().min(1).max(100).default(25),
})

const findingRow = z.object({
  number: count,
  itemId: uuid,
  title: z.string().nullable(),
  values: z.array(z.string()),
  split: z.enum(['train', 'validation', 'test']),
  erased: z.boolean(),
})
const finding = z.object({
  at: count,
  row: findingRow.nullable(),
  other: findingRow.nullable().meta({ description: 'Of a pair: what it is held against' }),
  score: z.number().nullable(),
  detail: z.record(z.string(), z.unknown()),
})
export const checkFindings = z.object({ findings: z.array(finding), nextAfter: count.nullable() })
export type CheckFindings = z.infer<typeof checkFindings>

export const waiveBody = z
  .object({
    reason: z
      .string()
      .trim()
      .min(3, 'say in a few words why this may pass')
      .max(2000)
      .refine(text => !text.includes('\0'), 'has a NUL character; remove it'),
  })
  .strict()
export const waived = z.object({ actionId: uuid, check: versionCheck })
export type Waived = z.infer<typeof waived>
