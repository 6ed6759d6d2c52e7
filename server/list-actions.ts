import 'server-only'
import { getDb } from '@/db/client'
import { listActions, type StoredAction } from '@/db/queries/actions'
import { whoMay } from '@/domain/permission'
import type { ProjectScope } from './access'
import { compensators } from './compensators'
import { readCursor, writeCursor } from './cursor'

function undoFacts(
  scope: ProjectScope,
  action: StoredAction,
): { undo: 'undo' | 'redo' | null; undoRefusal: string | null } {
  const refuse = (undoRefusal: string) => ({ undo: null, undoRefusal })
  const compensator = compensators[action.kind]
  if (!compensator) return refuse('This can’t be undone: it only tells what happened.')
  if (action.compensatedById)
    return refuse(action.depth % 2 === 0 ? 'Undone by a later action.' : 'Redone by a later action.')
  if ('refusal' in compensator) return refuse(compensator.refusal)
  if (!scope.can(compensator.permission))
    return refuse(`Who may do this may undo it: ${whoMay(compensator.permission)}.`)
  return { undo: action.depth % 2 === 0 ? 'undo' : 'redo', undoRefusal: null }
}

/** A page of the project's history with what the caller may take back, and why not. */
export async function describeActions(
  scope: ProjectScope,
  page: { cursor?: string | undefined; limit: number },
) {
  const { actions, last } = await listActions(scope, readCursor(page.cursor), page.limit)
  const { rows } = await getDb().$client.query<{ now: Date }>('SELECT amend.now() AS now')
  return {
    actions: actions.map(({ depth, ...action }) => ({
      ...action,
      ...undoFacts(scope, { ...action, depth }),
    })),
    nextCursor: last ? writeCursor(last.micros, last.id) : null,
    serverTime: (rows[0]?.now ?? new Date(0)).toISOString(),
  }
}
