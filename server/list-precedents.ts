import 'server-only'
import type { Precedent, PrecedentList } from '@/contract/v1/specification'
import { type Database, getDb, type Transaction } from '@/db/client'
import type { ProjectScope } from './access'
import { findCodeReader } from './find-specification'

/** A project has tens of them; beyond these the oldest are not listed. */
const mostListed = 500

/** SQL: the item of precedent `p` measures people now, and showing how it is judged would spoil that. */
export const isGoldNow = `EXISTS (SELECT FROM gold_items g WHERE g.project_id = p.project_id AND g.item_id = p.item_id AND g.retired_at IS NULL)`

/** Precedents by a condition on `p`, newest first, their codes as they are read now. */
export async function readPrecedents(
  db: Pick<Database | Transaction, '$client'>,
  projectId: string,
  condition: string,
  values: readonly unknown[] = [],
): Promise<Precedent[]> {
  const read = await findCodeReader(projectId)
  const { rows } = await db.$client.query<Precedent>(
    `SELECT p.id, p.item_id AS "itemId", p.entry_id AS "entryId", c.body->>'title' AS title, c.body->'accepted' AS accepted,
       c.body->'rejected' AS rejected, c.body->>'explanation' AS explanation, p.reasons, p.specification_version AS "specificationVersion",
       to_json(p.created_at)#>>'{}' AS "createdAt", to_json(p.withdrawn_at)#>>'{}' AS "withdrawnAt", p.withdrawn_reason AS "withdrawnReason"
     FROM precedents p JOIN contents c ON c.project_id = p.project_id AND c.id = p.content_id
     WHERE p.project_id = $1 AND c.body IS NOT NULL AND (${condition}) ORDER BY p.created_at DESC, p.id DESC LIMIT ${mostListed}`,
    [projectId, ...values],
  )
  return rows.map(row => ({
    ...row,
    reasons: [...new Set(row.reasons.map(code => read(code, row.specificationVersion)))].filter(
      code => code !== null,
    ),
  }))
}

/** Those that are shown; for who may change them, withdrawn ones too. What was erased is gone for everybody. */
export async function listPrecedents(scope: ProjectScope): Promise<PrecedentList> {
  const shown = scope.can('specification.manage') ? 'true' : 'p.withdrawn_at IS NULL'
  return { precedents: await readPrecedents(getDb(), scope.projectId, `${shown} AND NOT ${isGoldNow}`) }
}
