import 'server-only'
import { type Database, statementName, type Transaction } from '@/db/client'
import type { JudgedCandidate } from '@/domain/review'
import type { TaskType } from '@/tasks/task-type'
import { findUndatedCodeReader } from './find-specification'
import type { StoredCandidate } from './store-prediction'

/** What is known of an item. Words are null where they were erased. */
export interface KnownTruth {
  itemId: string
  verdicts: JudgedCandidate[]
  words: { texts: unknown[]; explanation: string } | null
  candidates: StoredCandidate[]
}

/** What is known of items, retired or not: an answer was given to it as it was. Reasons are read as the current version does. */
export async function readTruths(
  db: Database | Transaction,
  projectId: string,
  itemIds: readonly string[],
): Promise<Map<string, KnownTruth>> {
  const { rows } = await db.$client.query<KnownTruth>({
    name: statementName('truths'),
    text: `SELECT g.item_id AS "itemId", g.verdicts, w.body AS words, coalesce(c.body, '[]') AS candidates
           FROM gold_items g
           JOIN contents w ON w.project_id = g.project_id AND w.id = g.content_id
           JOIN predictions p ON p.project_id = g.project_id AND p.id = g.prediction_id
           JOIN contents c ON c.project_id = p.project_id AND c.id = p.content_id
           WHERE g.project_id = $1 AND g.item_id = ANY($2::uuid[])`,
    values: [projectId, itemIds],
  })
  if (rows.length === 0) return new Map()
  const read = await findUndatedCodeReader(projectId, db)
  const verdictsOf = ({ verdicts }: KnownTruth) =>
    verdicts.map(one => ({ ...one, reasons: one.reasons.flatMap(code => read(code) ?? []) }))
  return new Map(rows.map(row => [row.itemId, { ...row, verdicts: verdictsOf(row) }]))
}

/** Whether one of the texts is acceptable: as the curator wrote it, or as a suggestion that is known to be good. */
export function sayAcceptable(task: TaskType, truth: KnownTruth, texts: readonly unknown[]): boolean {
  const good = truth.verdicts.filter(({ verdict }) => verdict === 'good').map(v => v.candidateId)
  const acceptable = [
    ...(truth.words?.texts ?? []),
    ...truth.candidates.filter(candidate => good.includes(candidate.id)).map(candidate => candidate.value),
  ]
  return texts.some(text => acceptable.some(one => task.sameValue(text as never, one as never)))
}
