import 'server-only'
import { getDb } from '@/db/client'
import { warmModel } from '@/models/registry'
import type { ProjectScope } from './access'

/**
 * Starts the live version's worker while the person still reads the list, so that the first suggestion does not wait
 * for it; a server that nobody asks for suggestions never holds the model in memory.
 */
export async function warmLiveModel(scope: ProjectScope): Promise<void> {
  const { rows } = await getDb().$client.query(
    `SELECT m.kind FROM model_versions v JOIN models m ON m.project_id = v.project_id AND m.id = v.model_id
     WHERE v.project_id = $1 AND v.stage = 'live'`,
    [scope.projectId],
  )
  if (rows[0]) warmModel(rows[0].kind)
}
