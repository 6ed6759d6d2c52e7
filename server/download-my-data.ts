import 'server-only'
import { getDb } from '@/db/client'
import type { ProjectScope } from './access'
import { readConsent } from './consent'
import { findActor } from './find-actor'
import { listMyHistory } from './list-my-history'

const itemsPerRead = 100

/**
 * Everything this project keeps about the caller, as one JSON document, piece by piece: who they are here, what they
 * brought, everything they did.
 */
export async function* downloadMyData(scope: ProjectScope): AsyncGenerator<string> {
  const actor = await findActor(scope)
  const person =
    scope.caller.kind === 'person'
      ? { name: scope.caller.name, email: scope.caller.email, role: scope.caller.role }
      : null
  yield `{"project":${JSON.stringify(scope.project.name)},"person":${JSON.stringify(person)},"consent":${JSON.stringify(await readConsent(scope))},"items":[`
  let after = '00000000-0000-0000-0000-000000000000'
  for (let first = true; ; first = false) {
    const { rows } = await getDb().$client.query(
      `SELECT i.id, i.created_at, c.body AS payload FROM items i
       JOIN contents c ON c.project_id = i.project_id AND c.id = i.content_id
       WHERE i.project_id = $1 AND i.owner_actor_id = $2 AND i.id > $3 ORDER BY i.id LIMIT $4`,
      [scope.projectId, actor.id, after, itemsPerRead],
    )
    if (rows.length === 0) break
    yield (first ? '' : ',') + rows.map(row => JSON.stringify(row)).join(',')
    after = rows.at(-1).id
  }
  yield '],"history":['
  let cursor: string | null | undefined
  for (let first = true; first || cursor; first = false) {
    const page = await listMyHistory(scope, { limit: 200, ...(cursor ? { cursor } : {}) })
    if (page.entries.length > 0)
      yield (first ? '' : ',') + page.entries.map(entry => JSON.stringify(entry)).join(',')
    cursor = page.nextCursor
  }
  yield ']}\n'
}
