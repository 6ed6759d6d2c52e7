import 'server-only'
import type { JudgedTogether } from '@/contract/v1/bulk'
import { statementName, type Transaction, withTransaction } from '@/db/client'
import { isAmendError } from '@/domain/errors'

/** What the log keeps as the answer to an event; a retry is given it again. Never what people wrote. */
export interface KeptAnswer {
  status: 'stored' | 'no_op'
  restedOnIt?: string[]
  /** Of the first of several that were judged together: what became of each. */
  bulk?: JudgedTogether
}

/** A refusal that lets the transaction stand: what was written is kept as a draft. */
export interface Refusal {
  code: string
  detail: string
  field?: string
}

/** One event of whoever sends it, in a transaction of its own; what it expects to be refused comes back as a refusal. */
export async function appendOnce(
  append: (tx: Transaction) => Promise<KeptAnswer | Refusal>,
): Promise<KeptAnswer | Refusal> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await withTransaction(append)
    } catch (error) {
      // The same event came twice at once: the next look finds what the other has stored.
      if ((error as { code?: string }).code === '23505' && attempt < 3) continue
      if (!isAmendError(error)) throw error
      return {
        code: error.code,
        detail: error.detail,
        ...(error.extras.field ? { field: error.extras.field } : {}),
      }
    }
  }
}

/** What a retry is told: the stored answer, or that its id stands for something else; null when nothing is stored. */
export function answerAgain(
  stored: { bodyHash: string; answer: KeptAnswer } | null | undefined,
  bodyHash: string,
): KeptAnswer | Refusal | null {
  if (!stored) return null
  if (stored.bodyHash === bodyHash) return stored.answer
  return {
    code: 'event_id_reused',
    detail: 'This id is stored with another body. The stored event stands; send a new event under a new id.',
    field: 'id',
  }
}

/** What is stored under an event's id. The caller holds the entry, so that nobody stores it meanwhile. */
export async function findStored(
  tx: Transaction,
  projectId: string,
  eventId: string,
): Promise<{ bodyHash: string; answer: KeptAnswer } | null> {
  const { rows } = await tx.$client.query<{ bodyHash: string; answer: KeptAnswer }>({
    name: statementName('stored-review-event'),
    text: 'SELECT body_hash AS "bodyHash", answer FROM review_events WHERE project_id = $1 AND id = $2',
    values: [projectId, eventId],
  })
  return rows[0] ?? null
}
