import { getDb } from '@/db/client'
import { foldProject } from '@/server/fold-feedback'

/** Folds until everything written so far is counted: transactions of other tests hold the watermark back. */
export async function foldAll(projectId: string): Promise<void> {
  const pool = getDb().$client
  const { rows } = await pool.query('SELECT pg_current_xact_id()::text AS xid')
  for (let caughtUp = false; !caughtUp; ) {
    const counted = await foldProject(projectId)
    const { rows: folds } = await pool.query(
      'SELECT folded_xid > $2::text::xid8 AS up FROM feedback_folds WHERE project_id = $1',
      [projectId, rows[0].xid],
    )
    caughtUp = counted === 0 && folds[0]?.up === true
  }
}
