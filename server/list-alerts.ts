import 'server-only'
import type { Alert, AlertList } from '@/contract/v1/monitors'
import { getDb, type Transaction } from '@/db/client'
import { alertFigures, alertTitle, type WatchKind, watchWords } from '@/domain/watch-words'
import type { ProjectScope } from './access'
import { callerUser } from './list-views'

const mostResolved = 10

const alertColumns = `a.id, a.kind, a.subject, a.state, a.simulated, a.evidence, a.owner_id AS "ownerId", u.name AS "ownerName",
  to_char(a.created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') AS since,
  to_char(a.resolved_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') AS "resolvedAt",
  to_char(a.acknowledged_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') AS "acknowledgedAt",
  to_char(a.snoozed_until AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') AS "snoozedUntil",
  coalesce(a.snoozed_until > amend.now(), false) AS snoozed`

interface StoredAlert {
  id: string
  kind: WatchKind
  subject: string
  state: Alert['state']
  simulated: boolean
  evidence: Omit<Parameters<typeof alertFigures>[0], 'kind'>
  ownerId: string | null
  ownerName: string | null
  since: string
  resolvedAt: string | null
  acknowledgedAt: string | null
  snoozedUntil: string | null
  snoozed: boolean
}

function describeAlert(scope: ProjectScope, row: StoredAlert): Alert {
  const { evidence, ownerId, ownerName, ...facts } = row
  return {
    ...facts,
    title: alertTitle(row.kind, row.subject),
    figures: alertFigures({ kind: row.kind, ...evidence }),
    owner: ownerId ? { id: ownerId, name: ownerName ?? 'Somebody', me: ownerId === callerUser(scope) } : null,
    runbook: [...watchWords[row.kind].runbook],
  }
}

/** What fires now, what nobody owns first; then what was over last. */
export async function listAlerts(scope: ProjectScope): Promise<AlertList> {
  const pool = getDb().$client
  const from = `FROM alerts a LEFT JOIN users u ON u.id = a.owner_id WHERE a.project_id = $1`
  const [firing, resolved, looked] = await Promise.all([
    pool.query<StoredAlert>(
      `SELECT ${alertColumns} ${from} AND a.state = 'firing' ORDER BY snoozed, a.owner_id IS NOT NULL, a.created_at DESC`,
      [scope.projectId],
    ),
    pool.query<StoredAlert>(
      `SELECT ${alertColumns} ${from} AND a.state = 'resolved' ORDER BY a.resolved_at DESC LIMIT ${mostResolved}`,
      [scope.projectId],
    ),
    pool.query(
      `SELECT to_char(looked_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') AS at FROM monitor_settings WHERE project_id = $1`,
      [scope.projectId],
    ),
  ])
  return {
    alerts: [...firing.rows, ...resolved.rows].map(row => describeAlert(scope, row)),
    firing: firing.rows.filter(row => !row.snoozed).length,
    lookedAt: looked.rows[0]?.at ?? null,
  }
}

/** One alert as it is in this transaction; null where there is none. */
export async function findAlert(tx: Transaction, scope: ProjectScope, id: string): Promise<Alert | null> {
  const { rows } = await tx.$client.query<StoredAlert>(
    `SELECT ${alertColumns} FROM alerts a LEFT JOIN users u ON u.id = a.owner_id WHERE a.project_id = $1 AND a.id = $2`,
    [scope.projectId, id],
  )
  return rows[0] ? describeAlert(scope, rows[0]) : null
}
