import 'server-only'
import { isDeepStrictEqual } from 'node:util'
import type { Transaction } from '@/db/client'
import { AmendError } from '@/domain/errors'
import type { Compensator } from './compensators'
import { recountSlice } from './fold-feedback'

/** What of a view may change. */
export interface ViewSettings {
  name: string
  query: Record<string, unknown>
  columns: string[] | null
  shared: boolean
  archived: boolean
}

export interface LockedView extends ViewSettings {
  id: string
  kind: 'view' | 'slice'
  createdBy: string | null
}

const blocked = (detail: string) => new AmendError('undo_blocked', detail)

export async function lockView(tx: Transaction, projectId: string, id: string): Promise<LockedView> {
  const { rows } = await tx.$client.query<LockedView>(
    `SELECT id, name, kind, query, columns, shared, created_by AS "createdBy", archived_at IS NOT NULL AS archived
     FROM saved_views WHERE project_id = $1 AND id = $2 FOR UPDATE`,
    [projectId, id],
  )
  if (!rows[0]) throw new AmendError('not_found', 'There is no such view in this project.')
  return rows[0]
}

/** Stores what changed; a slice with another filter, or one that is back, is counted again. */
export async function storeView(
  tx: Transaction,
  projectId: string,
  view: LockedView,
  change: Partial<ViewSettings>,
): Promise<void> {
  await tx.$client.query(
    `UPDATE saved_views SET name = coalesce($3, name), query = coalesce($4, query), shared = coalesce($5, shared),
       columns = CASE WHEN $6 THEN $7::text[] ELSE columns END,
       archived_at = CASE $8::boolean WHEN true THEN amend.now() WHEN false THEN NULL ELSE archived_at END
     WHERE project_id = $1 AND id = $2`,
    [
      projectId,
      view.id,
      change.name ?? null,
      change.query ?? null,
      change.shared ?? null,
      change.columns !== undefined,
      change.columns ?? null,
      change.archived ?? null,
    ],
  )
  if (view.kind === 'slice' && (change.query || change.archived === false))
    await recountSlice(tx, projectId, view.id)
}

const archiveAs = (archived: boolean): Compensator => ({
  permission: 'views.manage',
  async undo(tx, action) {
    const view = await lockView(tx, action.projectId, action.targetId ?? '')
    if (view.archived === archived)
      throw blocked(archived ? 'It is archived already.' : 'It is in the list again already.')
    await storeView(tx, action.projectId, view, { archived })
    return {
      kind: archived ? 'view.archived' : 'view.restored',
      targetType: 'view',
      targetId: view.id,
    }
  },
})

export const archiveView = archiveAs(true)
export const restoreView = archiveAs(false)

export const changeViewBack: Compensator = {
  permission: 'views.manage',
  async undo(tx, action) {
    const view = await lockView(tx, action.projectId, action.targetId ?? '')
    const before = (action.before ?? {}) as Partial<ViewSettings>
    const after = (action.after ?? {}) as Partial<ViewSettings>
    const changedSince = (Object.keys(after) as (keyof ViewSettings)[]).filter(
      field => !isDeepStrictEqual(view[field], after[field]),
    )
    if (changedSince.length > 0)
      throw blocked(`Changed again since: ${changedSince.join(', ')}. Undo that first, or set it by hand.`)
    await storeView(tx, action.projectId, view, before)
    return { kind: 'view.changed', targetType: 'view', targetId: view.id, before: after, after: before }
  },
}
