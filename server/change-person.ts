import 'server-only'
import { withTransaction } from '@/db/client'
import { AmendError } from '@/domain/errors'
import type { SignedInPerson } from './access'
import { confirmPassword } from './confirm-password'

interface Change {
  name?: string | undefined
  email?: string | undefined
  currentPassword?: string | undefined
}

/**
 * Changes one's own name or e-mail. A new e-mail takes the password where there is one: it is what signs in.
 *
 * @throws AmendError conflict, invalid_input, too_many_requests, not_allowed (a demo person)
 */
export async function changePerson(person: SignedInPerson, change: Change): Promise<void> {
  refuseDemo(person)
  const newEmail = change.email !== undefined && change.email !== person.email
  if (newEmail) await confirmPassword(person, change.currentPassword)
  try {
    await withTransaction(async tx => {
      await tx.$client.query(
        'UPDATE users SET name = coalesce($2, name), email = coalesce($3, email) WHERE id = $1',
        [person.userId, change.name ?? null, newEmail ? change.email : null],
      )
    })
  } catch (error) {
    if ((error as { constraint?: string }).constraint === 'users_email') {
      throw new AmendError('conflict', 'Another account has this e-mail. Choose another one.', {
        field: 'email',
      })
    }
    throw error
  }
}

/** @throws AmendError not_allowed */
export function refuseDemo(person: SignedInPerson): void {
  if (person.demo)
    throw new AmendError(
      'not_allowed',
      'The people of the demo stay as they are. Sign in with an account of your own.',
    )
}
