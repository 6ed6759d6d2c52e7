import 'server-only'
import { getDb, type Transaction } from '@/db/client'
import { parseWatchSettings, type WatchSettings } from '@/domain/watch'

export interface StoredWatch {
  settings: WatchSettings
  webhookSecret: string | null
  lookedAt: string | null
}

/** What a project watches; the defaults where it has set nothing. */
export async function readWatchSettings(projectId: string, tx?: Transaction): Promise<StoredWatch> {
  const { rows } = await (tx ?? getDb()).$client.query(
    `SELECT settings, webhook_secret AS "webhookSecret", to_char(looked_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') AS "lookedAt"
     FROM monitor_settings WHERE project_id = $1`,
    [projectId],
  )
  return {
    settings: parseWatchSettings(rows[0]?.settings),
    webhookSecret: rows[0]?.webhookSecret ?? null,
    lookedAt: rows[0]?.lookedAt ?? null,
  }
}
