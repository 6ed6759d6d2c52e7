import 'server-only'
import { isDeepStrictEqual } from 'node:util'
import { v7 as uuidv7 } from 'uuid'
import type { ChangeViewBody, SavedViewAnswer, SaveViewBody } from '@/contract/v1/explore'
import { withTransaction } from '@/db/client'
import { AmendError } from '@/domain/errors'
import type { ProjectScope } from './access'
import { recountSlice } from './fold-feedback'
import { callerUser, describeView, mostViews } from './list-views'
import { recordAction } from './record-action'
import { lockView, storeView, type ViewSettings } from './view-changes'

/**
 * Keeps a way to look at the explorer under a name; a slice is also followed by its rates.
 *
 * @throws AmendError invalid_input (no filter for a slice, too many)
 */
export async function saveView(scope: ProjectScope, body: SaveViewBody): Promise<SavedViewAnswer> {
  const slice = body.kind === 'slice'
  if (slice && !filtersAnything(body.query))
    throw new AmendError('invalid_input', 'query: a slice needs a filter. Set one first.', { field: 'query' })
  const shared = slice || body.shared
  if (!shared && callerUser(scope) === null)
    throw new AmendError('invalid_input', 'shared: a key saves for everybody; nobody could see it else.', {
      field: 'shared',
    })
  checkWords(body.query)
  const id = uuidv7()
  const actionId = await withTransaction(async tx => {
    const { rows } = await tx.$client.query<{ n: number }>(
      `SELECT count(*)::int AS n FROM (SELECT FROM saved_views WHERE project_id = $1 AND kind = $2 AND archived_at IS NULL LIMIT ${mostViews}) x`,
      [scope.projectId, body.kind],
    )
    if ((rows[0]?.n ?? 0) >= mostViews)
      throw new AmendError(
        'invalid_input',
        `There are ${mostViews} ${body.kind}s already. Archive one first.`,
      )
    await tx.$client.query(
      `INSERT INTO saved_views (project_id, id, name, kind, query, columns, shared, created_by) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
      [scope.projectId, id, body.name, body.kind, body.query, body.columns, shared, callerUser(scope)],
    )
    if (slice) await recountSlice(tx, scope.projectId, id)
    return recordAction(tx, scope, {
      kind: 'view.saved',
      targetType: 'view',
      targetId: id,
      after: { name: body.name, kind: body.kind },
    })
  })
  const { name, kind, query, columns } = body
  const stored = { id, name, kind, query, columns, shared, createdBy: callerUser(scope), archived: false }
  return { ...describeView(scope, stored), actionId }
}

/**
 * Renames or changes a view, or archives it; each an action that can be undone.
 *
 * @throws AmendError not_found, not_allowed (another's own), invalid_input, already_done
 */
export async function changeView(
  scope: ProjectScope,
  id: string,
  { archived, ...wish }: ChangeViewBody,
): Promise<SavedViewAnswer> {
  checkWords(wish.query ?? {})
  return withTransaction(async tx => {
    const view = await lockView(tx, scope.projectId, id)
    const mine = view.createdBy !== null && view.createdBy === callerUser(scope)
    if (!view.shared && !mine) throw new AmendError('not_found', 'There is no such view in this project.')
    if (view.kind === 'slice' && wish.shared === false)
      throw new AmendError('invalid_input', 'shared: slices are always shared.', { field: 'shared' })
    if (view.kind === 'slice' && wish.query && !filtersAnything(wish.query))
      throw new AmendError('invalid_input', 'query: a slice needs a filter.', { field: 'query' })
    if (wish.shared === false && !mine)
      throw new AmendError('not_allowed', 'Whoever saved it may keep it for themselves: nobody else.')
    const given = Object.entries(wish).filter(
      ([field, value]) => value !== undefined && !isDeepStrictEqual(view[field as keyof ViewSettings], value),
    )
    let actionId: string | null = null
    if (given.length > 0) {
      const after: Partial<ViewSettings> = Object.fromEntries(given)
      const before = Object.fromEntries(given.map(([field]) => [field, view[field as keyof ViewSettings]]))
      await storeView(tx, scope.projectId, view, after)
      actionId = await recordAction(tx, scope, {
        kind: 'view.changed',
        targetType: 'view',
        targetId: id,
        before,
        after,
      })
    }
    if (archived !== undefined && archived !== view.archived) {
      await storeView(tx, scope.projectId, view, { archived })
      actionId = await recordAction(tx, scope, {
        kind: archived ? 'view.archived' : 'view.restored',
        targetType: 'view',
        targetId: id,
      })
    }
    if (!actionId) throw new AmendError('already_done', 'The view is like this already. Nothing was changed.')
    const now = { ...view, ...Object.fromEntries(given), ...(archived === undefined ? {} : { archived }) }
    const { name, kind, query, columns, shared, createdBy } = now
    return {
      ...describeView(scope, { id, name, kind, query, columns, shared, createdBy, archived: now.archived }),
      actionId,
    }
  })
}

const filtersAnything = (query: Record<string, unknown>) =>
  Object.entries(query).some(
    ([name, value]) =>
      value !== undefined && name !== 'order' && !(name === 'simulated' && value === 'exclude'),
  )

function checkWords(query: Record<string, unknown>): void {
  for (const [field, value] of Object.entries(query)) {
    if (typeof value === 'string' && value.includes('\0'))
      throw new AmendError('invalid_input', `query.${field}: has a NUL character. Remove it.`, {
        field: `query.${field}`,
      })
  }
}
