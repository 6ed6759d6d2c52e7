import 'server-only'
import type { Transaction } from '@/db/client'
import type { FoldedEntry, ReviewFoldEvent } from '@/domain/review'
import type { LoggedEntry } from './review-log'

/**
 * Frees an item whose question is taken back, unless another one waits for its reply. The place of the one who asked is
 * theirs again.
 */
export async function unparkAfterQuestion(
  tx: Transaction,
  projectId: string,
  entry: LoggedEntry,
  { folded, question }: { folded: FoldedEntry; question: ReviewFoldEvent },
): Promise<string | null> {
  const others = folded.questions.some(one => one.eventId !== question.id && one.answeredBy === null)
  const { rows } = await tx.$client.query<{ id: string }>(
    `UPDATE assignments SET state = 'open', reserved_for = CASE WHEN reserved_for = $3 THEN NULL ELSE reserved_for END
     WHERE project_id = $1 AND entry_id = $2 AND state IN ('parked', 'open') AND reserved_for = $3 RETURNING id`,
    [projectId, entry.id, question.actorId],
  )
  if (!others)
    await tx.$client.query(
      `UPDATE assignments SET state = 'open' WHERE project_id = $1 AND entry_id = $2 AND state = 'parked'`,
      [projectId, entry.id],
    )
  return rows[0]?.id ?? null
}
