import 'server-only'
import { getDb } from '@/db/client'
import type { ProjectScope } from './access'

/** How many alerts fire that nobody silenced: for the navigation, by a partial index that holds nothing else. */
export async function countFiring(scope: ProjectScope): Promise<number> {
  if (!scope.can('monitors.view')) return 0
  const { rows } = await getDb().$client.query<{ n: number }>(
    `SELECT count(*)::int AS n FROM alerts WHERE project_id = $1 AND state = 'firing' AND (snoozed_until IS NULL OR snoozed_until <= amend.now())`,
    [scope.projectId],
  )
  return rows[0]?.n ?? 0
}
