import 'server-only'
import { getDb, statementName } from '@/db/client'
import { isPageOrigin } from '@/domain/page-origin'

/** As long as a revoked key may still work. */
const keptMs = 1_000
const shared = globalThis as typeof globalThis & {
  amendAllowedOrigins?: Map<string, { allowed: boolean; at: number }>
}

/** Whether some publishable key of the project that is in force may be used from pages of this origin. */
export async function isAllowedOrigin(project: string, origin: string): Promise<boolean> {
  if (origin.length > 300 || !isPageOrigin(origin)) return false
  shared.amendAllowedOrigins ??= new Map()
  const cache = shared.amendAllowedOrigins
  const name = `${project}\n${origin}`
  const cached = cache.get(name)
  if (cached && performance.now() - cached.at < keptMs) return cached.allowed
  const { rowCount } = await getDb().$client.query({
    name: statementName('allowed-origin'),
    text: `SELECT 1 FROM projects p JOIN api_keys k ON k.project_id = p.id
           WHERE (p.slug = $1 OR p.id::text = $1) AND k.scope = 'publish' AND $2 = ANY(k.origins)
             AND k.revoked_at IS NULL AND (k.expires_at IS NULL OR k.expires_at > amend.now()) LIMIT 1`,
    values: [project, origin],
  })
  const allowed = (rowCount ?? 0) > 0
  if (cache.size > 10_000) cache.clear()
  cache.set(name, { allowed, at: performance.now() })
  return allowed
}
