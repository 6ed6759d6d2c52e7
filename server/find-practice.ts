import 'server-only'
import type { Database, Transaction } from '@/db/client'
import { AmendError } from '@/domain/errors'

const countSql = `
  SELECT count(*)::int AS n FROM gold_items g JOIN items i ON i.project_id = g.project_id AND i.id = g.item_id
  WHERE g.project_id = $1 AND g.use = 'practice' AND g.retired_at IS NULL AND i.erased_at IS NULL`

export async function countPracticeItems(db: Database | Transaction, projectId: string): Promise<number> {
  const { rows } = await db.$client.query<{ n: number }>(countSql, [projectId])
  return rows[0]?.n ?? 0
}

/** A queue asks for no more practice items than there are. @throws AmendError invalid_input */
export async function checkPracticeItems(
  tx: Transaction,
  projectId: string,
  practiceItems: number | undefined,
): Promise<void> {
  if (!practiceItems) return
  const n = await countPracticeItems(tx, projectId)
  if (practiceItems <= n) return
  throw new AmendError(
    'invalid_input',
    `policy.practiceItems: there ${n === 1 ? 'is 1 practice item' : `are ${n} practice items`}. Set more gold items for practice first.`,
    { field: 'policy.practiceItems' },
  )
}

/** No queue loses the practice items that it asks for. @throws AmendError conflict */
export async function checkPracticeLeft(tx: Transaction, projectId: string): Promise<void> {
  const { rows } = await tx.$client.query<{ name: string; needs: number; n: number }>(
    `SELECT q.name, q.practice_items AS needs, there.n FROM queues q, (${countSql}) there
     WHERE q.project_id = $1 AND q.state <> 'closed' AND q.practice_items > there.n ORDER BY q.practice_items DESC LIMIT 1`,
    [projectId],
  )
  if (rows[0])
    throw new AmendError(
      'conflict',
      `The practice round of “${rows[0].name}” needs ${rows[0].needs} practice items, and ${rows[0].n} would be left. Add another first, or ask for fewer there.`,
      { field: 'use' },
    )
}
