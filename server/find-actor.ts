import 'server-only'
import { createHmac, randomBytes } from 'node:crypto'
import { getDb, statementName } from '@/db/client'
import { getSecrets } from '@/platform/home'
import type { ProjectScope } from './access'

/** The caller under their pseudonym in this project. */
export interface Actor {
  id: string
  pseudonym: string
  suggestionsOn: boolean
  trainingAllowed: boolean
  consentVersion: number | null
  consentedAt: string | null
}

const columns = `id, pseudonym, suggestions_on AS "suggestionsOn", training_allowed AS "trainingAllowed",
  consent_version AS "consentVersion", to_json(consented_at)#>>'{}' AS "consentedAt"`

/**
 * Finds or makes the caller's actor: one per person and project. A key speaks for whom `Amend-Actor` names,
 * stored as an HMAC, so that your own ids of people never lie here; without it, for itself.
 */
export async function findActor(scope: ProjectScope): Promise<Actor> {
  const { caller, projectId } = scope
  const [column, value] =
    caller.kind === 'person'
      ? ['user_id', caller.userId]
      : [
          'external_hash',
          externalHash(
            projectId,
            caller.speaksFor ?? (caller.kind === 'key' ? `key:${caller.keyId}` : 'system'),
          ),
        ]
  const find = () =>
    getDb().$client.query<Actor>({
      name: statementName(`actor-${column}`),
      text: `SELECT ${columns} FROM actors WHERE project_id = $1 AND ${column} = $2`,
      values: [projectId, value],
    })
  const found = (await find()).rows[0]
  if (found) return found
  await getDb().$client.query(
    `INSERT INTO actors (project_id, ${column}, pseudonym) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING`,
    [projectId, value, `p-${randomBytes(5).toString('hex')}`],
  )
  const made = (await find()).rows[0]
  if (!made) throw new Error('the actor was neither found nor made')
  return made
}

/** The stored form of somebody's id in the embedding product. */
export function externalHash(projectId: string, externalId: string): string {
  return createHmac('sha256', getSecrets().pseudonymKey).update(`${projectId}\n${externalId}`).digest('hex')
}
