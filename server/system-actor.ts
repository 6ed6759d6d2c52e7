import 'server-only'
import { randomBytes } from 'node:crypto'
import type { Transaction } from '@/db/client'
import { externalHash } from './find-actor'

/** The house itself, as it stands in the log. */
export async function systemActor(tx: Transaction, projectId: string): Promise<string> {
  const hash = externalHash(projectId, 'system')
  await tx.$client.query(
    `INSERT INTO actors (project_id, external_hash, pseudonym) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING`,
    [projectId, hash, `p-${randomBytes(5).toString('hex')}`],
  )
  const { rows } = await tx.$client.query(
    'SELECT id FROM actors WHERE project_id = $1 AND external_hash = $2',
    [projectId, hash],
  )
  return rows[0].id
}
