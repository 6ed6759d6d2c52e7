import 'server-only'
import { openClient } from '@/db/client'
import { AmendError } from '@/domain/errors'

const waitMs = 20_000

/**
 * Does work outside the database that nobody may do twice at once, on whichever server: under a lock of a connection of its
 * own, since a transaction must not wait for others over a network. The lock ends with the connection, also after a crash.
 *
 * @throws AmendError conflict with these words when somebody else holds it for too long
 */
export async function holdingLock<T>(name: string, busy: string, work: () => Promise<T>): Promise<T> {
  const client = await openClient()
  try {
    await client.query(`SET lock_timeout = ${waitMs}`)
    await client.query('SELECT pg_advisory_lock(hashtextextended($1, 0))', [name]).catch(error => {
      if (error?.code === '55P03') throw new AmendError('conflict', busy)
      throw error
    })
    return await work()
  } finally {
    await client.end()
  }
}
