import 'server-only'
import type { DatasetPreview, PreviewDatasetBody } from '@/contract/v1/datasets'
import { withTransaction } from '@/db/client'
import { previewSql, reachedSql } from '@/db/queries/datasets'
import { foreignFields, type Selection } from '@/domain/dataset'
import { positionOf, type Split, splitOf } from '@/domain/dataset-split'
import type { DatasetTarget } from '@/domain/dataset-words'
import { AmendError } from '@/domain/errors'
import type { ProjectScope } from './access'

/** Somebody waits for it; a selection that takes longer is told without numbers. */
const previewTimeoutMs = 20_000

/**
 * Refuses a selection that names what its target doesn't have.
 *
 * @throws AmendError invalid_input
 */
export function checkSelection(target: DatasetTarget, selection: Selection): void {
  const foreign = foreignFields[target].find(field => selection[field] !== undefined)
  if (foreign)
    throw new AmendError(
      'invalid_input',
      `selection.${foreign}: has no meaning for ${target}s. Leave it out.`,
      {
        field: `selection.${foreign}`,
      },
    )
}

interface Counted {
  reason: string | null
  label: string
  start: string
  first: Split | null
  influenced: boolean
  n: number
  groups: number
}

/** What a freeze would hold now, by split and state, and what it would leave out, and why. Stores nothing. */
export async function previewDataset(
  scope: ProjectScope,
  { target, selection, rules }: PreviewDatasetBody,
): Promise<DatasetPreview> {
  checkSelection(target, selection)
  const values: unknown[] = [scope.projectId]
  const reached = reachedSql(
    { projectId: scope.projectId, timeZone: scope.project.timeZone },
    target,
    selection,
    value => `$${values.push(value)}`,
  )
  const { rows } = await withTransaction(async tx => {
    await tx.$client.query(`SELECT set_config('statement_timeout', $1, true)`, [String(previewTimeoutMs)])
    return tx.$client.query<Counted>(previewSql(reached), values)
  })
  const preview: DatasetPreview = {
    rows: 0,
    groups: 0,
    splits: { train: 0, validation: 0, test: 0 },
    states: {},
    influenced: { train: 0, validation: 0, test: 0 },
    leftOut: {},
  }
  for (const { reason, label, start, first, influenced, n, groups } of rows) {
    if (reason !== null) {
      preview.leftOut[reason] = n
      continue
    }
    const split = splitOf(positionOf(start), rules.shares, first)
    preview.rows += n
    preview.groups = groups
    preview.splits[split] += n
    preview.states[label] = (preview.states[label] ?? 0) + n
    if (influenced) preview.influenced[split] += n
  }
  return preview
}
