import 'server-only'
import type { Transaction } from '@/db/client'

/** A session ends this long after it was last used; the row decides, the cookie only names it. */
export const sessionLife = '30 days'

/** Makes a session row and returns its id, which the cookie will carry. */
export async function openSession(
  tx: Transaction,
  userId: string,
  userAgent: string | null,
): Promise<string> {
  const { rows } = await tx.$client.query<{ id: string }>(
    `INSERT INTO sessions (user_id, expires_at, user_agent)
     VALUES ($1, amend.now() + $2::interval, $3) RETURNING id`,
    [userId, sessionLife, userAgent?.slice(0, 200) ?? null],
  )
  if (!rows[0]) throw new Error('a session row was not stored')
  return rows[0].id
}
