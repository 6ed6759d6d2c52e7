import 'server-only'
import type { Notice, NoticeList } from '@/contract/v1/notices'
import { getDb } from '@/db/client'
import { isInCanary } from '@/domain/arms'
import { AmendError } from '@/domain/errors'
import type { ProjectScope } from './access'
import { findActor } from './find-actor'

/** Older news is told to nobody. */
const toldForDays = 30

/** What changed for the caller since they last read, newest first. Whoever came after a change has nothing to be told. */
export async function listNotices(scope: ProjectScope): Promise<NoticeList> {
  const actor = await findActor(scope)
  const { rows } = await getDb().$client.query(
    `SELECT n.id, n.kind, n.canary_version_id AS "canaryVersionId", n.share, n.by_system AS "bySystem",
       to_char(n.created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS at, m.name || ' ' || v.version AS name, v.card->>'summary' AS summary
     FROM stage_notices n
     JOIN actors a ON a.project_id = n.project_id AND a.id = $2 AND a.created_at < n.created_at
     LEFT JOIN model_versions v ON v.project_id = n.project_id AND v.id = n.model_version_id
     LEFT JOIN models m ON m.project_id = v.project_id AND m.id = v.model_id
     WHERE n.project_id = $1 AND n.withdrawn_at IS NULL AND n.created_at > amend.now() - $3 * interval '1 day'
       AND NOT EXISTS (SELECT FROM notice_reads r WHERE r.project_id = n.project_id AND r.notice_id = n.id AND r.actor_id = $2)
     ORDER BY n.created_at DESC, n.id DESC LIMIT 20`,
    [scope.projectId, actor.id, toldForDays],
  )
  const concerning = rows.filter(
    row =>
      row.canaryVersionId === null ||
      isInCanary(scope.projectId, actor.id, { versionId: row.canaryVersionId, share: row.share ?? 0 }),
  )
  return { notices: concerning.map(toNotice) }
}

interface Row {
  id: string
  kind: Notice['kind']
  at: string
  name: string | null
  summary: string | null
  bySystem: boolean
}

function toNotice({ id, kind, at, name, summary, bySystem }: Row): Notice {
  const who = name ?? 'No model'
  const words: Record<Notice['kind'], { title: string; detail: string }> = {
    live: {
      title: `${who} makes the suggestions now.`,
      detail: summary ?? 'Some suggestions will differ from before.',
    },
    canary: {
      title: `You are trying ${who} out.`,
      detail: 'Some people get its suggestions first. Some will differ from before.',
    },
    back: {
      title: `${who} makes the suggestions again.`,
      detail: bySystem
        ? 'The version after it did worse than this project allows, so it was taken back.'
        : 'The version after it was taken back.',
    },
    none: {
      title: 'There are no suggestions for now.',
      detail: 'No model is live. Write your own, as always.',
    },
  }
  return { id, kind, at, ...words[kind] }
}

/** Not told again; those before it neither, since it is the newest that counts. @throws AmendError not_found */
export async function readNotice(scope: ProjectScope, noticeId: string): Promise<{ ok: true }> {
  const actor = await findActor(scope)
  const { rowCount } = await getDb().$client.query(
    `INSERT INTO notice_reads (project_id, notice_id, actor_id)
     SELECT n.project_id, n.id, $3 FROM stage_notices n JOIN stage_notices newest ON newest.project_id = n.project_id AND newest.id = $2
     WHERE n.project_id = $1 AND n.created_at <= newest.created_at AND n.withdrawn_at IS NULL
     ON CONFLICT DO NOTHING`,
    [scope.projectId, noticeId, actor.id],
  )
  if (!rowCount) {
    const { rowCount: there } = await getDb().$client.query(
      'SELECT FROM stage_notices WHERE project_id = $1 AND id = $2',
      [scope.projectId, noticeId],
    )
    if (!there) throw new AmendError('not_found', 'There is no such notice in this project.')
  }
  return { ok: true }
}
