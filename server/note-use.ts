import 'server-only'
import { getPool } from '@/db/client'
import { getLog } from '@/platform/log'
import { sessionLife } from './open-session'

const betweenWritesMs = 60_000
const shared = globalThis as typeof globalThis & { amendLastNoted?: Map<string, number> }

/** At most once a minute for each session or key of this process, after the request and never in its way. */
function note(id: string, text: string, values: unknown[]): void {
  shared.amendLastNoted ??= new Map()
  const noted = shared.amendLastNoted
  const now = performance.now()
  const last = noted.get(id)
  if (last !== undefined && now - last < betweenWritesMs) return
  if (noted.size > 50_000) noted.clear()
  noted.set(id, now)
  setImmediate(() => {
    getPool()
      .query(text, values)
      .catch(error => getLog().debug({ err: error }, 'a last use was not noted'))
  })
}

/** Remembers when a session was last used, and lets it live on from there. */
export function noteSessionUse(sessionId: string): void {
  note(
    sessionId,
    `UPDATE sessions SET last_seen_at = amend.now(), expires_at = amend.now() + $2::interval
     WHERE id = $1 AND revoked_at IS NULL`,
    [sessionId, sessionLife],
  )
}

export function noteKeyUse(projectId: string, keyId: string): void {
  note(keyId, 'UPDATE api_keys SET last_used_at = amend.now() WHERE project_id = $1 AND id = $2', [
    projectId,
    keyId,
  ])
}
