import 'server-only'
import { type Transaction, withTransaction } from '@/db/client'
import { AmendError } from '@/domain/errors'
import { checkNewPassword, hashPassword } from './passwords'

interface NewUser {
  email: string
  name: string
  passwordHash: string | null
  instanceAdmin: boolean
}

/** @throws AmendError conflict */
export async function insertUser(tx: Transaction, user: NewUser): Promise<string> {
  const { rows } = await tx.$client.query<{ id: string }>(
    `INSERT INTO users (email, name, password_hash, instance_admin) VALUES ($1, $2, $3, $4)
     ON CONFLICT (lower(email)) DO NOTHING RETURNING id`,
    [user.email, user.name, user.passwordHash, user.instanceAdmin],
  )
  if (!rows[0])
    throw new AmendError(
      'conflict',
      'There is an account with this e-mail. Sign in with it first, then go on.',
      { field: 'email' },
    )
  return rows[0].id
}

/**
 * Makes an account; who can run commands on this machine or holds an invite may.
 *
 * @throws AmendError conflict, invalid_input
 */
export async function createUser(input: {
  email: string
  name: string
  password: string | null
  instanceAdmin: boolean
}): Promise<string> {
  if (input.password !== null) checkNewPassword(input.password, input.email)
  const passwordHash = input.password === null ? null : await hashPassword(input.password)
  return withTransaction(tx => insertUser(tx, { ...input, passwordHash }))
}
