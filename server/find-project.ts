import 'server-only'
import { getDb } from '@/db/client'
import { AmendError } from '@/domain/errors'

/**
 * A project's id by slug or id, for commands on the machine itself; requests go through `openProject`.
 *
 * @throws AmendError not_found
 */
export async function findProjectId(slugOrId: string): Promise<string> {
  const { rows } = await getDb().$client.query<{ id: string }>(
    'SELECT id FROM projects WHERE slug = $1 OR id::text = $1',
    [slugOrId],
  )
  if (!rows[0]) throw new AmendError('not_found', `There is no project "${slugOrId}".`)
  return rows[0].id
}
