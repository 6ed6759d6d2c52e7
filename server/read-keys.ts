import 'server-only'
import { type Database, getDb, type Transaction } from '@/db/client'
import { knownKeys, type PersonKeys, usualKeys } from '@/domain/key-map'

/** How a person wants their keys: those that there still are. */
export async function readKeys(userId: string, db: Database | Transaction = getDb()): Promise<PersonKeys> {
  const { rows } = await db.$client.query<PersonKeys>(
    `SELECT letters_on AS "lettersOn", own FROM person_keys WHERE user_id = $1`,
    [userId],
  )
  return rows[0] ? { ...rows[0], own: knownKeys(rows[0].own) } : usualKeys
}
