import 'server-only'
import { createHash } from 'node:crypto'
import type {
  AdjudicationClaim,
  AdjudicationDraft,
  ClaimAdjudicationsBody,
  ReleaseAdjudicationsBody,
  SaveAdjudicationDraftBody,
} from '@/contract/v1/adjudication'
import type { DraftAnswer, HeartbeatAnswer } from '@/contract/v1/review'
import { type Database, getDb, statementName, type Transaction, withTransaction } from '@/db/client'
import { adjudicationLeaseMs, mostAdjudicated } from '@/domain/adjudication'
import type { ProjectScope } from './access'
import { describeAdjudications } from './describe-adjudication'
import { findActor } from './find-actor'
import { leaseLost } from './hold-item'
import { noAssignment, storeDraft } from './save-draft'

const lease = `amend.now() + interval '${adjudicationLeaseMs} milliseconds'`

/**
 * Who may settle the dispute `a` of the entry `e` in the queue `q`: $2 is the caller's actor, $3 the user, null for a key.
 * Nobody who ever submitted anything on it, also what they took back, nor the author of the correction that it is about.
 */
export const mayAdjudicateSql = `
  (q.adjudicator_ids IS NULL OR $3::uuid IS NULL OR $3::uuid = ANY(q.adjudicator_ids))
  AND NOT EXISTS (SELECT FROM review_events r WHERE r.project_id = a.project_id AND r.entry_id = a.entry_id AND r.actor_id = $2
    AND r.type IN ('submitted', 'compared'))
  AND NOT EXISTS (SELECT FROM decisions d WHERE d.project_id = e.project_id AND d.exposure_id = e.exposure_id AND d.actor_id = $2)`

const joinedSql = `
  FROM adjudications a
  JOIN queue_entries e ON e.project_id = a.project_id AND e.id = a.entry_id AND e.state = 'disputed'
  JOIN queues q ON q.project_id = a.project_id AND q.id = a.queue_id`

export const userOf = ({ caller }: ProjectScope): string | null =>
  caller.kind === 'person' ? caller.userId : null

/** What others have left to run out first, then what has waited longest. Claims that meet each take another item. */
const takeSql = `
  WITH lapsed AS (
    SELECT a.entry_id ${joinedSql}
    WHERE a.project_id = $1 AND a.state = 'leased' AND a.leased_until < amend.now() AND a.actor_id IS DISTINCT FROM $2 AND ${mayAdjudicateSql}
    ORDER BY a.leased_until LIMIT 1 FOR UPDATE OF a SKIP LOCKED),
  next AS (
    SELECT a.entry_id ${joinedSql}
    WHERE a.project_id = $1 AND a.state = 'open' AND (SELECT count(*) FROM lapsed) = 0 AND ${mayAdjudicateSql}
    ORDER BY a.opened_at, a.entry_id LIMIT 1 FOR UPDATE OF a SKIP LOCKED)
  UPDATE adjudications a SET state = 'leased', actor_id = $2, session_id = $4, token = a.token + 1, leased_until = ${lease}
  FROM (SELECT entry_id FROM lapsed UNION ALL SELECT entry_id FROM next) f
  WHERE a.project_id = $1 AND a.entry_id = f.entry_id
  RETURNING a.entry_id AS "entryId"`

/**
 * Hands the caller disputed items until they hold `count`, and returns all that they hold. From another session what they
 * hold comes under a new token.
 */
export async function claimAdjudications(
  scope: ProjectScope,
  { sessionId, count }: ClaimAdjudicationsBody,
): Promise<AdjudicationClaim> {
  const actor = await findActor(scope)
  const { held, noMore } = await withTransaction(async tx => {
    const key = createHash('sha256').update(`adjudicate:${scope.projectId}:${actor.id}`).digest()
    await tx.$client.query('SELECT pg_advisory_xact_lock($1::bigint)', [String(key.readBigInt64BE(0))])
    const { rows } = await tx.$client.query<{ entryId: string; openedAt: string }>(
      `UPDATE adjudications SET leased_until = ${lease}, token = token + CASE WHEN session_id <> $3 THEN 1 ELSE 0 END, session_id = $3
       WHERE project_id = $1 AND actor_id = $2 AND state = 'leased'
       RETURNING entry_id AS "entryId", to_json(opened_at)#>>'{}' AS "openedAt"`,
      [scope.projectId, actor.id, sessionId],
    )
    const mine = rows.sort((a, b) => (a.openedAt < b.openedAt ? -1 : 1)).map(row => row.entryId)
    const wanted = Math.min(count, mostAdjudicated)
    let none = false
    while (!none && mine.length < wanted) {
      const { rows: taken } = await tx.$client.query<{ entryId: string }>({
        name: statementName('claim-adjudication'),
        text: takeSql,
        values: [scope.projectId, actor.id, userOf(scope), sessionId],
      })
      if (taken[0]) mine.push(taken[0].entryId)
      else none = true
    }
    return { held: mine, noMore: none }
  })
  return { held: await describeAdjudications(scope, actor, held), noMore, leaseMs: adjudicationLeaseMs }
}

/** Tells that the caller still works on an item. @throws AmendError lease_lost */
export async function renewAdjudication(
  scope: ProjectScope,
  entryId: string,
  token: number,
): Promise<HeartbeatAnswer> {
  const actor = await findActor(scope)
  const { rows } = await getDb().$client.query(
    `UPDATE adjudications SET leased_until = ${lease}
     WHERE project_id = $1 AND entry_id = $2 AND actor_id = $3 AND token = $4 AND state = 'leased'
     RETURNING to_json(leased_until)#>>'{}' AS "leasedUntil"`,
    [scope.projectId, entryId, actor.id, token],
  )
  if (!rows[0]) throw leaseLost()
  return rows[0]
}

/** Gives items back to other adjudicators; what the caller holds no longer is left as it is. */
export async function releaseAdjudications(
  scope: ProjectScope,
  { entries }: ReleaseAdjudicationsBody,
): Promise<{ ok: true }> {
  const actor = await findActor(scope)
  await getDb().$client.query(
    `UPDATE adjudications a SET state = 'open', leased_until = NULL, session_id = NULL
     FROM unnest($3::uuid[], $4::int[]) AS x(id, token)
     WHERE a.project_id = $1 AND a.entry_id = x.id AND a.token = x.token AND a.actor_id = $2 AND a.state = 'leased'`,
    [scope.projectId, actor.id, entries.map(entry => entry.id), entries.map(entry => entry.token)],
  )
  return { ok: true }
}

/** Puts an item whose row the caller holds into somebody's hands. */
export async function holdAdjudication(
  tx: Transaction,
  projectId: string,
  entryId: string,
  actorId: string,
): Promise<void> {
  await tx.$client.query(
    `UPDATE adjudications SET state = 'leased', actor_id = $3, token = token + 1, session_id = NULL, leased_until = ${lease}, done_at = NULL
     WHERE project_id = $1 AND entry_id = $2`,
    [projectId, entryId, actorId],
  )
}

/** Drafts lie among those of annotators: one a person and entry. */
export async function storeAdjudicationDraft(
  tx: Transaction,
  projectId: string,
  entryId: string,
  actorId: string,
  { picks, text, note }: AdjudicationDraft,
  revision: number | null,
): Promise<DraftAnswer> {
  const body = { verdicts: [], texts: text === null ? [] : [text], comment: note, picks }
  return storeDraft(tx, projectId, entryId, actorId, body, { revision })
}

/** Keeps what the caller is writing, also where they have lost the item. @throws AmendError not_found, lease_lost */
export async function saveAdjudicationDraft(
  scope: ProjectScope,
  entryId: string,
  { token, revision, draft }: SaveAdjudicationDraftBody,
): Promise<DraftAnswer> {
  const actor = await findActor(scope)
  const saved = await withTransaction(async tx => {
    const slot = await findSlot(tx, scope.projectId, entryId)
    if (!slot) throw noAssignment()
    // What arrives after it was settled has been sent.
    if (slot.actorId === actor.id && slot.state === 'done')
      return { revision, savedAt: slot.now, lost: false }
    const lost = !(slot.actorId === actor.id && slot.token === token && slot.state === 'leased')
    const kept = await storeAdjudicationDraft(tx, scope.projectId, entryId, actor.id, draft, revision)
    return { ...kept, lost }
  })
  if (saved.lost) throw leaseLost()
  return { revision: saved.revision, savedAt: saved.savedAt }
}

async function findSlot(
  db: Database | Transaction,
  projectId: string,
  entryId: string,
): Promise<{ actorId: string | null; token: number; state: string; now: string } | null> {
  const { rows } = await db.$client.query(
    `SELECT a.actor_id AS "actorId", a.token, a.state, to_json(amend.now())#>>'{}' AS now FROM adjudications a
     JOIN queue_entries e ON e.project_id = a.project_id AND e.id = a.entry_id
     WHERE a.project_id = $1 AND a.entry_id = $2 AND e.state <> 'closed'`,
    [projectId, entryId],
  )
  return rows[0] ?? null
}
