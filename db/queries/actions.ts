import type { ProjectScope } from '@/server/access'
import { getDb } from '../client'
import { fromMicros } from '../instants'

export interface StoredAction {
  id: string
  kind: string
  actor: { kind: 'person' | 'key' | 'system'; name: string | null; you: boolean }
  target: { type: string; id: string | null; name: string | null }
  before: Record<string, unknown> | null
  after: Record<string, unknown> | null
  createdAt: string
  compensatesId: string | null
  compensatedById: string | null
  /** How many undos and redos lie behind it: odd when it is itself an undo. */
  depth: number
  /** Whether its effect stands, counting undo and redo. */
  stands: boolean
}

const pageSql = `
  WITH RECURSIVE page AS (
    SELECT a.*, (extract(epoch FROM a.created_at) * 1000000)::bigint::text AS at_us
    FROM actions a
    WHERE a.project_id = $1
      AND ($2::text IS NULL OR (a.created_at, a.id) < (${fromMicros('$2::bigint')}, $3::uuid))
    ORDER BY a.created_at DESC, a.id DESC LIMIT $4
  ), later AS (
    SELECT id AS root, id, 0 AS steps FROM page
    UNION ALL
    SELECT l.root, a.id, l.steps + 1 FROM later l JOIN actions a ON a.project_id = $1 AND a.compensates_id = l.id
  ), earlier AS (
    SELECT id AS root, compensates_id, 0 AS steps FROM page
    UNION ALL
    SELECT e.root, a.compensates_id, e.steps + 1 FROM earlier e JOIN actions a ON a.project_id = $1 AND a.id = e.compensates_id
  )
  SELECT p.id, p.kind, p.actor_kind, p.actor_user_id, p.target_type, p.target_id, p.before, p.after, p.created_at, p.at_us,
    p.compensates_id,
    (SELECT l.id FROM later l WHERE l.root = p.id AND l.steps = 1) AS compensated_by,
    (SELECT max(l.steps) FROM later l WHERE l.root = p.id) AS after_steps,
    (SELECT max(e.steps) FROM earlier e WHERE e.root = p.id) AS depth,
    -- A person upon their own pseudonym is stored without the user and named by it.
    coalesce(u.name, k.name, CASE WHEN p.actor_kind = 'person' THEN p.target_id END) AS actor_name,
    CASE p.target_type
      WHEN 'member' THEN (SELECT name FROM users WHERE id::text = p.target_id)
      WHEN 'key' THEN (SELECT name FROM api_keys WHERE project_id = $1 AND id::text = p.target_id)
      WHEN 'invite' THEN (SELECT email FROM invites WHERE project_id = $1 AND id::text = p.target_id)
      WHEN 'person' THEN p.target_id
      WHEN 'import' THEN (SELECT file_name FROM imports WHERE project_id = $1 AND id::text = p.target_id)
      WHEN 'queue' THEN (SELECT name FROM queues WHERE project_id = $1 AND id::text = p.target_id)
      WHEN 'specification' THEN p.target_id
      WHEN 'items' THEN (SELECT q.name FROM queues q WHERE q.project_id = $1 AND q.id::text = p.after->>'queueId')
      WHEN 'view' THEN (SELECT name FROM saved_views WHERE project_id = $1 AND id::text = p.target_id)
      WHEN 'dataset' THEN (SELECT name FROM datasets WHERE project_id = $1 AND id::text = p.target_id)
      WHEN 'dataset-version' THEN (SELECT d.name || ' v' || v.number FROM dataset_versions v
        JOIN datasets d ON d.project_id = v.project_id AND d.id = v.dataset_id WHERE v.project_id = $1 AND v.id::text = p.target_id)
      WHEN 'gate' THEN (SELECT name FROM gates WHERE project_id = $1 AND id::text = p.target_id)
      WHEN 'model' THEN (SELECT name FROM models WHERE project_id = $1 AND id::text = p.target_id)
      WHEN 'model-version' THEN (SELECT m.name || ' ' || v.version FROM model_versions v
        JOIN models m ON m.project_id = v.project_id AND m.id = v.model_id WHERE v.project_id = $1 AND v.id::text = p.target_id)
    END AS target_name
  FROM page p
  LEFT JOIN users u ON u.id = p.actor_user_id
  LEFT JOIN api_keys k ON k.project_id = $1 AND k.id = p.actor_key_id
  ORDER BY p.created_at DESC, p.id DESC`

/** Actions of a project, newest first, from the row after `from` on. */
export async function listActions(
  scope: ProjectScope,
  from: { micros: string; id: string } | null,
  limit: number,
) {
  const { rows } = await getDb().$client.query(pageSql, [
    scope.projectId,
    from?.micros ?? null,
    from?.id ?? null,
    limit + 1,
  ])
  const shown = rows.slice(0, limit)
  const last = shown.at(-1)
  const self = scope.caller.kind === 'person' ? scope.caller.userId : null
  // An invite is named by its e-mail, and e-mails are for owners.
  const seesEmail = scope.can('members.manage')
  const actions = shown.map(
    (row): StoredAction => ({
      id: row.id,
      kind: row.kind,
      actor: { kind: row.actor_kind, name: row.actor_name, you: self !== null && row.actor_user_id === self },
      target: {
        type: row.target_type,
        id: row.target_id,
        name: row.target_type === 'invite' && !seesEmail ? null : row.target_name,
      },
      before: row.before,
      after: row.after,
      createdAt: row.created_at.toISOString(),
      compensatesId: row.compensates_id,
      compensatedById: row.compensated_by,
      depth: row.depth,
      stands: row.after_steps % 2 === 0,
    }),
  )
  return {
    actions,
    last: rows.length > limit && last ? { micros: last.at_us as string, id: last.id as string } : null,
  }
}
