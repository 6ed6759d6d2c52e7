import 'server-only'
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { getDb } from '@/db/client'
import { getConfig } from '@/platform/config'

export interface Readiness {
  status: 'ready' | 'not-ready'
  database: boolean
  migrations: { applied: number; pending: number }
}

/** Ready means: the database answers and every migration of this build is applied. */
export async function checkReady(): Promise<Readiness> {
  const journal = JSON.parse(
    readFileSync(
      path.join(/* turbopackIgnore: true */ getConfig().root, 'db/migrations/meta/_journal.json'),
      'utf8',
    ),
  ) as { entries: { when: number }[] }
  try {
    const { rows } = await getDb().$client.query(
      'SELECT created_at::text AS at FROM drizzle.__drizzle_migrations',
    )
    const applied = new Set(rows.map(row => Number(row.at)))
    const pending = journal.entries.filter(entry => !applied.has(entry.when)).length
    return {
      status: pending === 0 ? 'ready' : 'not-ready',
      database: true,
      migrations: { applied: applied.size, pending },
    }
  } catch {
    return {
      status: 'not-ready',
      database: false,
      migrations: { applied: 0, pending: journal.entries.length },
    }
  }
}
