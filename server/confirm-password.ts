import 'server-only'
import { getDb } from '@/db/client'
import { AmendError } from '@/domain/errors'
import type { SignedInPerson } from './access'
import { passwordMatches } from './passwords'
import { noteFailure, noteSuccess, secondsToWait } from './sign-in-backoff'

/**
 * Asks a signed-in person for their password again, with the same patience as at the door. Someone who came by a link
 * and has no password yet passes.
 *
 * @throws AmendError invalid_input (missing or wrong), too_many_requests
 */
export async function confirmPassword(person: SignedInPerson, password: string | undefined): Promise<void> {
  const { rows } = await getDb().$client.query<{ password_hash: string | null }>(
    'SELECT password_hash FROM users WHERE id = $1',
    [person.userId],
  )
  const stored = rows[0]?.password_hash ?? null
  if (stored === null) return
  const field = 'currentPassword'
  if (!password) throw new AmendError('invalid_input', 'Give your current password as well.', { field })
  const from = `session:${person.sessionId}`
  const wait = await secondsToWait(person.email, from)
  if (wait > 0)
    throw new AmendError('too_many_requests', `Too many tries. Wait ${wait} s.`, {
      field,
      retryAfterMs: wait * 1000,
    })
  if (!(await passwordMatches(stored, password))) {
    await noteFailure(person.email, from)
    // Not a 401: the session is fine, the field is not.
    throw new AmendError('invalid_input', 'This is not your current password.', { field })
  }
  await noteSuccess(person.email, from)
}
