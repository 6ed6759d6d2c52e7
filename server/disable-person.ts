import 'server-only'
import { withTransaction } from '@/db/client'
import { AmendError } from '@/domain/errors'

/**
 * Closes an account at once, or opens it again: sessions end, what the person did stays.
 *
 * @throws AmendError not_found, conflict (the last who administers the instance)
 */
export async function disablePerson(email: string, disabled: boolean): Promise<void> {
  await withTransaction(async tx => {
    const { rows } = await tx.$client.query<{ id: string; instance_admin: boolean }>(
      'SELECT id, instance_admin FROM users WHERE lower(email) = lower($1) FOR NO KEY UPDATE',
      [email],
    )
    const user = rows[0]
    if (!user) throw new AmendError('not_found', `Nobody here has the e-mail ${email}.`)
    if (disabled && user.instance_admin) {
      const { rowCount } = await tx.$client.query(
        'SELECT FROM users WHERE instance_admin AND NOT demo AND disabled_at IS NULL AND id <> $1 LIMIT 1',
        [user.id],
      )
      if (!rowCount)
        throw new AmendError('conflict', 'Nobody else administers this instance. Make another admin first.')
    }
    await tx.$client.query('UPDATE users SET disabled_at = CASE WHEN $2 THEN amend.now() END WHERE id = $1', [
      user.id,
      disabled,
    ])
    if (disabled)
      await tx.$client.query(
        'UPDATE sessions SET revoked_at = amend.now() WHERE user_id = $1 AND revoked_at IS NULL',
        [user.id],
      )
  })
}
