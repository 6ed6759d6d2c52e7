import 'server-only'
import { type Transaction, withTransaction } from '@/db/client'
import { AmendError } from '@/domain/errors'
import type { SignedInPerson } from './access'
import { makeLinkToken, pageLink } from './first-sign-in'

/**
 * A reset link to hand over: whoever administers the instance makes it, there is no mail server between.
 *
 * @throws AmendError not_allowed, not_found
 */
export async function makePasswordReset(person: SignedInPerson, email: string) {
  if (!person.instanceAdmin)
    throw new AmendError('not_allowed', 'Only who administers this instance may make a reset link.')
  return withTransaction(async tx => {
    const token = await resetTokenFor(tx, email)
    const { rows } = await tx.$client.query<{ at: Date }>("SELECT amend.now() + interval '24 hours' AS at")
    return { token, path: `/reset/${token}`, expiresAt: (rows[0]?.at ?? new Date(0)).toISOString() }
  })
}

/**
 * The same for whoever can run commands on this machine.
 *
 * @throws AmendError not_found, invalid_input
 */
export async function createPasswordResetLink(
  baseUrl: string,
  email: string | null,
): Promise<{ url: string; email: string }> {
  if (email === null) throw new AmendError('invalid_input', 'Say whose password: --email E.')
  return withTransaction(async tx => ({
    url: pageLink(baseUrl, 'reset', await resetTokenFor(tx, email)),
    email,
  }))
}

async function resetTokenFor(tx: Transaction, email: string): Promise<string> {
  const { rows } = await tx.$client.query<{ id: string }>(
    'SELECT id FROM users WHERE lower(email) = lower($1) AND disabled_at IS NULL AND NOT demo',
    [email],
  )
  if (!rows[0]) throw new AmendError('not_found', 'Nobody here has this e-mail.')
  return makeLinkToken(tx, rows[0].id, 'reset')
}
