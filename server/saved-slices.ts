import 'server-only'
import { feedbackFilter } from '@/contract/v1/feedback'
import { getDb, type Transaction } from '@/db/client'
import { type Bind, type FeedbackProject, filterConditions, joinsOf } from '@/db/queries/feedback'
import { named, type SavedSlice } from '@/domain/saved-slice'

/** The slices of a project as they stand, in the order they were made. */
export async function readSavedSlices(tx: Transaction, projectId: string): Promise<SavedSlice[]> {
  const { rows } = await tx.$client.query<SavedSlice>(
    `SELECT id, name, query FROM saved_views WHERE project_id = $1 AND kind = 'slice' AND archived_at IS NULL ORDER BY created_at, id`,
    [projectId],
  )
  return named(rows)
}

/**
 * Which of these items lie in each slice, by its id: those that at least one decision passes the filter with. Whether
 * decisions are simulated is not asked, as in the slice's own rates.
 */
export async function findInSlices(
  project: FeedbackProject,
  slices: readonly SavedSlice[],
  itemIds: readonly string[],
): Promise<ReadonlyMap<string, ReadonlySet<string>>> {
  const found = new Map(slices.map(slice => [slice.id, new Set<string>()]))
  if (slices.length === 0 || itemIds.length === 0) return found
  const values: (string | number | readonly string[])[] = [itemIds]
  const bind: Bind = value => `$${values.push(value)}`
  const each = slices.map(({ id, query }) => {
    const filter = { ...feedbackFilter.parse(query), simulated: 'include' as const }
    return `SELECT ${bind(id)}::text AS slice, d.item_id AS item FROM decisions d ${joinsOf(filter)}
      WHERE d.item_id = ANY($1::uuid[]) AND ${filterConditions(project, filter, bind).join(' AND ')}`
  })
  const { rows } = await getDb().$client.query<{ slice: string; item: string }>(
    each.join('\nUNION\n'),
    values,
  )
  for (const { slice, item } of rows) found.get(slice)?.add(item)
  return found
}
