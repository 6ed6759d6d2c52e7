import 'server-only'
import type { FilterChoices, SavedView, SavedViewList } from '@/contract/v1/explore'
import { getDb } from '@/db/client'
import { everything } from '@/domain/explore-words'
import type { ProjectScope } from './access'
import { readSliceFigures } from './read-counts'

interface StoredView {
  id: string
  name: string
  kind: SavedView['kind']
  query: Record<string, unknown>
  columns: string[] | null
  shared: boolean
  createdBy: string | null
  archived: boolean
}

/** As many of a kind as anybody would look through. */
export const mostViews = 100

const viewColumns = `id, name, kind, query, columns, shared, created_by AS "createdBy", archived_at IS NOT NULL AS archived`

export const callerUser = (scope: ProjectScope) =>
  scope.caller.kind === 'person' ? scope.caller.userId : null

export function describeView(scope: ProjectScope, view: StoredView): Omit<SavedView, 'figures'> {
  const { createdBy, ...facts } = view
  return { ...facts, mine: createdBy !== null && createdBy === callerUser(scope) }
}

/** Saved views and slices that the caller may see, in the order they were made, slices with their rates. */
export async function listViews(scope: ProjectScope): Promise<SavedViewList> {
  const { rows } = await getDb().$client.query<StoredView>(
    `SELECT ${viewColumns} FROM saved_views WHERE project_id = $1 AND archived_at IS NULL AND (shared OR created_by = $2)
     ORDER BY created_at, id LIMIT ${2 * mostViews}`,
    [scope.projectId, callerUser(scope)],
  )
  const slices = rows.filter(view => view.kind === 'slice').map(view => view.id)
  const figures = await readSliceFigures(scope, [everything, ...slices])
  const all = figures.get(everything)
  if (!all) throw new Error('everything has no figures')
  return {
    views: rows.map(view => ({ ...describeView(scope, view), figures: figures.get(view.id) ?? null })),
    all,
  }
}

/** What filters can be chosen from, without looking at every item. */
export async function listFilterChoices(scope: ProjectScope): Promise<FilterChoices> {
  const pool = getDb().$client
  const [tags, arms, attributes, imports] = await Promise.all([
    // Each next tag is looked up in the index: as many steps as there are tags, however many items carry them.
    pool.query<{ tag: string }>(
      `WITH RECURSIVE t AS (
         (SELECT tag FROM item_tags WHERE project_id = $1 ORDER BY tag LIMIT 1)
         UNION ALL SELECT (SELECT n.tag FROM item_tags n WHERE n.project_id = $1 AND n.tag > t.tag ORDER BY n.tag LIMIT 1) FROM t WHERE t.tag IS NOT NULL)
       SELECT tag FROM t WHERE tag IS NOT NULL LIMIT 200`,
      [scope.projectId],
    ),
    pool.query<{ arm: string }>(
      `SELECT DISTINCT e.arm FROM (
         SELECT exposure_id FROM decisions WHERE project_id = $1 ORDER BY exposed_at DESC NULLS LAST, exposure_id DESC NULLS LAST LIMIT 500) d
       JOIN exposures e ON e.project_id = $1 AND e.id = d.exposure_id ORDER BY 1`,
      [scope.projectId],
    ),
    pool.query<{ attribute: string }>(
      `SELECT DISTINCT x.key || '=' || x.value AS attribute FROM (
         SELECT exposure_id FROM decisions WHERE project_id = $1 ORDER BY exposed_at DESC NULLS LAST, exposure_id DESC NULLS LAST LIMIT 500) d
       JOIN exposures e ON e.project_id = $1 AND e.id = d.exposure_id
       CROSS JOIN jsonb_each_text(e.slice_attributes) x WHERE x.value <> '' ORDER BY 1 LIMIT 200`,
      [scope.projectId],
    ),
    pool.query<{ id: string; label: string }>(
      `SELECT id, file_name AS label FROM imports WHERE project_id = $1 AND state IN ('done', 'running', 'cancelled') ORDER BY created_at DESC NULLS LAST, id DESC NULLS LAST LIMIT 50`,
      [scope.projectId],
    ),
  ])
  return {
    tags: tags.rows.map(row => row.tag),
    arms: arms.rows.map(row => row.arm),
    attributes: attributes.rows.map(row => row.attribute),
    imports: imports.rows,
  }
}

/** One view by its address, also one that is archived; null where it is not there for the caller. */
export async function findView(scope: ProjectScope, id: string): Promise<Omit<SavedView, 'figures'> | null> {
  const { rows } = await getDb().$client.query<StoredView>(
    `SELECT ${viewColumns} FROM saved_views WHERE project_id = $1 AND id = $2 AND (shared OR created_by = $3)`,
    [scope.projectId, id, callerUser(scope)],
  )
  return rows[0] ? describeView(scope, rows[0]) : null
}
