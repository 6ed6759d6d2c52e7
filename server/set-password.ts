import 'server-only'
import { withTransaction } from '@/db/client'
import { AmendError } from '@/domain/errors'
import type { SignedInPerson } from './access'
import { refuseDemo } from './change-person'
import { confirmPassword } from './confirm-password'
import { placeholderEmail } from './first-sign-in'
import { lookUpLink } from './look-up-token'
import { checkNewPassword, hashPassword } from './passwords'
import { spendLink } from './sign-in'

/**
 * Sets one's password and ends every other session at once. The first one needs no current password.
 *
 * @throws AmendError invalid_input, conflict (no address to sign in with yet), too_many_requests, not_allowed (a demo person)
 */
export async function setPassword(
  person: SignedInPerson,
  current: string | undefined,
  next: string,
): Promise<number> {
  refuseDemo(person)
  if (person.email === placeholderEmail) {
    throw new AmendError('conflict', 'Set your e-mail first; you sign in with it and the password.', {
      field: 'email',
    })
  }
  await confirmPassword(person, current)
  checkNewPassword(next, person.email, 'newPassword')
  const passwordHash = await hashPassword(next)
  return withTransaction(async tx => {
    await tx.$client.query('UPDATE users SET password_hash = $2 WHERE id = $1', [person.userId, passwordHash])
    const { rowCount } = await tx.$client.query(
      'UPDATE sessions SET revoked_at = amend.now() WHERE user_id = $1 AND id <> $2 AND revoked_at IS NULL',
      [person.userId, person.sessionId],
    )
    return rowCount ?? 0
  })
}

/**
 * Sets a password by a reset link. Ends all sessions; the person signs in anew, with the e-mail it returns. Two at once: one wins.
 *
 * @throws AmendError not_found, link_used, invalid_input
 */
export async function redeemPasswordReset(token: string, next: string): Promise<string> {
  const { email, purpose } = await lookUpLink(token)
  if (purpose !== 'reset')
    throw new AmendError('link_used', 'This is a sign-in link, not one for a new password.')
  checkNewPassword(next, email, 'newPassword')
  const passwordHash = await hashPassword(next)
  await withTransaction(async tx => {
    const userId = await spendLink(tx, token, 'reset')
    await tx.$client.query('UPDATE users SET password_hash = $2 WHERE id = $1', [userId, passwordHash])
    await tx.$client.query(
      'UPDATE sessions SET revoked_at = amend.now() WHERE user_id = $1 AND revoked_at IS NULL',
      [userId],
    )
  })
  return email
}
