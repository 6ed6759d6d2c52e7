import 'server-only'
import type { Transaction } from '@/db/client'

export interface NewNotice {
  kind: 'live' | 'canary' | 'back' | 'none'
  actionId: string
  /** Who answers now; null where nobody does. */
  modelVersionId: string | null
  /** Where those alone are told whom a version on trial answers or answered. */
  canary: { versionId: string; share: number | null } | null
  bySystem: boolean
}

/** Tells those whom a change of the answering version concerns: once each, in the app. */
export async function announce(tx: Transaction, projectId: string, notice: NewNotice): Promise<void> {
  await tx.$client.query(
    `INSERT INTO stage_notices (project_id, kind, action_id, model_version_id, canary_version_id, share, by_system)
     VALUES ($1, $2, $3, $4, $5, $6, $7)`,
    [
      projectId,
      notice.kind,
      notice.actionId,
      notice.modelVersionId,
      notice.canary?.versionId ?? null,
      notice.canary?.share ?? null,
      notice.bySystem,
    ],
  )
}

/**
 * A change that was taken back is told no more; those who have read of it are told that it is as before. Call once the
 * stages are as they were.
 */
export async function announceUndo(tx: Transaction, projectId: string, actionId: string): Promise<void> {
  const { rows } = await tx.$client.query<{ canary: string | null; share: number | null; read: boolean }>(
    `UPDATE stage_notices n SET withdrawn_at = amend.now() WHERE project_id = $1 AND action_id = $2 AND withdrawn_at IS NULL
     RETURNING canary_version_id AS canary, share,
       EXISTS (SELECT FROM notice_reads r WHERE r.project_id = n.project_id AND r.notice_id = n.id) AS read`,
    [projectId, actionId],
  )
  const told = rows.find(row => row.read)
  if (!told) return
  const live = await liveVersionOf(tx, projectId)
  await announce(tx, projectId, {
    kind: live ? 'back' : 'none',
    actionId,
    modelVersionId: live,
    canary: told.canary === null ? null : { versionId: told.canary, share: told.share },
    bySystem: false,
  })
}

export async function liveVersionOf(tx: Transaction, projectId: string): Promise<string | null> {
  const { rows } = await tx.$client.query<{ id: string }>(
    `SELECT id FROM model_versions WHERE project_id = $1 AND stage = 'live'`,
    [projectId],
  )
  return rows[0]?.id ?? null
}
