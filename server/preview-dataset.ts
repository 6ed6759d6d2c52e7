import 'server-only'
import type { DatasetPreview, PreviewDatasetBody } from '@/contract/v1/datasets'
import { withTransaction } from '@/db/client'
import { previewSql, reachedSql } from '@/db/queries/datasets'
import { foreignFields, type Selection } from '@/domain/dataset'
import { splits } from '@/domain/dataset-split'
import type { DatasetTarget } from '@/domain/dataset-words'
import { AmendError } from '@/domain/errors'
import { placeRows } from '@/domain/place-rows'
import type { ProjectScope } from './access'
import { findCuts } from './place-cuts'
import { collectFacts, type PlaceRow, placeRulesOf, takeTurns } from './place-facts'
import { leftOutOf } from './place-picks'

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

/** So many rows are placed at once for a preview; of more the rules that see all rows together are not tried. */
const mostPlaced = 200_000

/** What a freeze would hold now, by split and state, and what it would leave out, and why. Stores nothing. */
export async function previewDataset(
  scope: ProjectScope,
  { target, selection, rules }: PreviewDatasetBody,
  datasetId: string | null = null,
): Promise<DatasetPreview> {
  checkSelection(target, selection)
  const values: unknown[] = [scope.projectId]
  const { timeZone } = scope.project
  const reached = reachedSql(
    { projectId: scope.projectId, timeZone },
    { target, selection, rules },
    value => `$${values.push(value)}`,
  )
  const { rows } = await withTransaction(async tx => {
    await tx.$client.query(`SELECT set_config('statement_timeout', $1, true)`, [String(previewTimeoutMs)])
    return tx.$client.query<PreviewRow>(previewSql(reached, mostPlaced), values)
  })
  const leftOut = Object.fromEntries(rows.flatMap(row => (row.reason === null ? [] : [[row.reason, row.n]])))
  const fitting = rows.filter(row => row.reason === null)
  if (fitting.length > mostPlaced)
    throw new AmendError(
      'conflict',
      `More than ${mostPlaced.toLocaleString('en')} rows fit, too many to count here. Freeze it to see, or narrow the selection.`,
    )
  const by = rules.balance?.by
  const collected = collectFacts(fitting.length, rules)
  for (const row of fitting)
    collected.add({ ...row, clusterKey: null, kind: by === 'label' ? row.label : null })
  const facts = collected.facts()
  const cuts = await findCuts(scope.projectId, datasetId, rules, timeZone)
  const places = await takeTurns(placeRows(facts, placeRulesOf(rules, cuts)))
  const preview: DatasetPreview = {
    rows: 0,
    groups: 0,
    splits: { train: 0, validation: 0, test: 0 },
    states: {},
    influenced: { train: 0, validation: 0, test: 0 },
    unbiasedTest: 0,
    leftOut: leftOutOf(leftOut, places, facts.rows) as Record<string, number>,
  }
  const groups = new Set<string>()
  for (const [at, row] of fitting.entries()) {
    const split = splits[places.split[at] as number]
    if (!split) continue
    preview.rows++
    groups.add(row.groupKey)
    preview.splits[split]++
    preview.states[row.label] = (preview.states[row.label] ?? 0) + 1
    if (row.influenced) preview.influenced[split]++
    if (split === 'test' && row.unbiased) preview.unbiasedTest++
  }
  return { ...preview, groups: groups.size }
}

type PreviewRow = Omit<PlaceRow, 'kind'> & { reason: string | null; n: number; label: string }
