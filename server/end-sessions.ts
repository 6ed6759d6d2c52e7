import 'server-only'
import { getDb } from '@/db/client'
import { AmendError } from '@/domain/errors'
import type { SignedInPerson } from './access'

/**
 * Ends one of one's own sessions, at once.
 *
 * @throws AmendError not_found
 */
export async function endSession(person: SignedInPerson, sessionId: string): Promise<void> {
  const { rowCount } = await getDb().$client.query(
    'UPDATE sessions SET revoked_at = amend.now() WHERE id = $1 AND user_id = $2 AND revoked_at IS NULL',
    [sessionId, person.userId],
  )
  if (!rowCount) throw new AmendError('not_found', 'This session is over already.')
}

/** Ends all of one's sessions but this one, at once. */
export async function endOtherSessions(person: SignedInPerson): Promise<number> {
  const { rowCount } = await getDb().$client.query(
    'UPDATE sessions SET revoked_at = amend.now() WHERE user_id = $1 AND id <> $2 AND revoked_at IS NULL',
    [person.userId, person.sessionId],
  )
  return rowCount ?? 0
}
