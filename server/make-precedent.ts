import 'server-only'
import type { z } from 'zod'
import type { MadePrecedent, makePrecedentBody } from '@/contract/v1/specification'
import { type Transaction, withTransaction } from '@/db/client'
import type { ResolvedValue } from '@/db/schema/review'
import { AmendError } from '@/domain/errors'
import { firstSpecification } from '@/domain/specification'
import { loadTaskType } from '@/tasks/registry'
import type { TaskType } from '@/tasks/task-type'
import type { ProjectScope } from './access'
import { readVersions } from './find-specification'
import { readPrecedents } from './list-precedents'
import { recordAction } from './record-action'
import { insertContents, newContent } from './store-content'
import type { StoredCandidate } from './store-prediction'

interface Ground {
  values: ResolvedValue[]
  itemId: string
  payload: unknown
  candidates: StoredCandidate[] | null
  candidatesContentId: string | null
  withheld: boolean
  gold: boolean
  known: boolean
}

/** SQL: people let what they said be used, and are still there. */
export const maySpeak = 'a.training_allowed AND a.erased_at IS NULL'

/**
 * Makes a precedent of an item that review has settled: its texts, what was rejected, and why. Everybody who reviews
 * sees it, so that texts stay out whose author does not let them be used. Undoable.
 *
 * @throws AmendError not_found, conflict (gold, not settled, withheld by its owner), already_done, invalid_input
 */
export async function makePrecedent(
  scope: ProjectScope,
  body: z.output<typeof makePrecedentBody>,
): Promise<MadePrecedent> {
  const { projectId } = scope
  const task = await loadTaskType(scope.project.taskType)
  return withTransaction(async tx => {
    const versions = await readVersions(projectId, tx)
    const codes = (versions.schemas.get(versions.current) ?? firstSpecification).reasons.map(
      reason => reason.code,
    )
    const unknown = body.reasons.find(code => !codes.includes(code))
    if (unknown)
      throw new AmendError('invalid_input', `reasons: “${unknown}” is none of: ${codes.join(', ')}.`, {
        field: 'reasons',
      })
    const ground = await findGround(tx, projectId, body.entryId)
    const { accepted, sources, leftOut } = await acceptedTexts(tx, projectId, task, ground)
    const rejected = await rejectedTexts(tx, projectId, task, body.entryId, ground)
    const content = newContent({
      kind: 'precedent',
      actorId: null,
      itemId: ground.itemId,
      body: {
        title: task.titleOf(ground.payload as never),
        accepted,
        rejected,
        explanation: body.explanation,
      },
    })
    await insertContents(tx, projectId, [content])
    const { rows } = await tx.$client.query<{ id: string }>(
      `INSERT INTO precedents (project_id, item_id, entry_id, content_id, source_content_ids, reasons, specification_version, created_by)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8) RETURNING id`,
      [
        projectId,
        ground.itemId,
        body.entryId,
        content.id,
        sources,
        body.reasons,
        versions.current,
        scope.caller.kind === 'person' ? scope.caller.userId : null,
      ],
    )
    const id = rows[0]?.id ?? ''
    const actionId = await recordAction(tx, scope, {
      kind: 'precedent.made',
      targetType: 'precedent',
      targetId: id,
      after: { texts: accepted.length, leftOut },
    })
    const [precedent] = await readPrecedents(tx, projectId, 'p.id = $2', [id])
    if (!precedent) throw new Error('a precedent was not stored')
    return { precedent, leftOut, actionId }
  })
}

async function findGround(tx: Transaction, projectId: string, entryId: string): Promise<Ground> {
  // Who takes an answer back or erases the item waits, or has done so before it is read.
  const { rows } = await tx.$client.query<Ground & { kind: string }>(
    `SELECT e.kind, r.values, e.item_id AS "itemId", c.body AS payload, pc.body AS candidates, pc.id AS "candidatesContentId",
       EXISTS (SELECT FROM gold_items g WHERE g.project_id = e.project_id AND g.item_id = e.item_id AND g.retired_at IS NULL) AS gold,
       i.owner_actor_id IS NOT NULL AND NOT EXISTS (SELECT FROM actors a WHERE a.project_id = e.project_id AND a.id = i.owner_actor_id AND ${maySpeak}) AS withheld,
       EXISTS (SELECT FROM precedents p WHERE p.project_id = e.project_id AND p.entry_id = e.id AND p.withdrawn_at IS NULL) AS known
     FROM queue_entries e
     JOIN items i ON i.project_id = e.project_id AND i.id = e.item_id AND i.erased_at IS NULL
     JOIN contents c ON c.project_id = e.project_id AND c.id = coalesce(i.redacted_content_id, i.content_id)
     LEFT JOIN resolutions r ON r.project_id = e.project_id AND r.entry_id = e.id
     LEFT JOIN predictions p ON p.project_id = e.project_id AND p.id = e.prediction_id AND p.actor_id IS NULL AND p.memory_snapshot IS NULL
     LEFT JOIN contents pc ON pc.project_id = p.project_id AND pc.id = p.content_id
     WHERE e.project_id = $1 AND e.id = $2 FOR NO KEY UPDATE OF e`,
    [projectId, entryId],
  )
  const ground = rows[0]
  if (!ground || ground.payload === null)
    throw new AmendError('not_found', 'There is no such item here, or its content was erased.', {
      field: 'entryId',
    })
  if (ground.gold || ground.kind !== 'review')
    throw new AmendError(
      'conflict',
      'This item measures people: shown as a precedent it would do so no more.',
    )
  if (ground.withheld)
    throw new AmendError(
      'conflict',
      'Whoever brought this item does not let it be used, so it is not shown to others.',
    )
  if (!ground.values) throw new AmendError('conflict', 'This item is not settled yet. Settle it first.')
  if (ground.known) throw new AmendError('already_done', 'There is a precedent of this item already.')
  return ground
}

async function acceptedTexts(
  tx: Transaction,
  projectId: string,
  task: TaskType,
  { values, candidates, candidatesContentId }: Ground,
): Promise<{ accepted: string[]; sources: string[]; leftOut: number }> {
  const written = values.filter(value => value.origin === 'written')
  const { rows } = await tx.$client.query<{ id: string; body: { texts: unknown[] } }>(
    `SELECT c.id, c.body FROM contents c JOIN actors a ON a.project_id = c.project_id AND a.id = c.actor_id
     WHERE c.project_id = $1 AND c.id = ANY($2::uuid[]) AND c.body IS NOT NULL AND ${maySpeak} FOR SHARE`,
    [projectId, written.map(value => value.contentId)],
  )
  const accepted: string[] = []
  // A suggestion may quote somebody: where it is erased, so is this.
  const sources = new Set(candidatesContentId ? [candidatesContentId] : [])
  let leftOut = 0
  for (const value of values) {
    const found =
      value.origin === 'suggestion'
        ? candidates?.find(candidate => candidate.id === value.candidateId)?.value
        : rows.find(row => row.id === value.contentId)?.body.texts[value.index ?? 0]
    if (found === undefined) leftOut += 1
    else {
      accepted.push(task.textOf(found as never))
      if (value.origin === 'written') sources.add(value.contentId)
    }
  }
  return { accepted: [...new Set(accepted)], sources: [...sources], leftOut }
}

/** Suggestions that more people called wrong than anything else, and that are not among what was accepted. */
async function rejectedTexts(
  tx: Transaction,
  projectId: string,
  task: TaskType,
  entryId: string,
  { values, candidates }: Ground,
): Promise<string[]> {
  const { rows } = await tx.$client.query<{ verdicts: { candidateId: string; verdict: string }[] }>(
    'SELECT verdicts FROM answers WHERE project_id = $1 AND entry_id = $2',
    [projectId, entryId],
  )
  const said = rows.flatMap(row => row.verdicts)
  return (candidates ?? [])
    .filter(({ id }) => !values.some(value => value.candidateId === id))
    .filter(({ id }) => {
      const own = said.filter(one => one.candidateId === id)
      return own.filter(one => one.verdict === 'wrong').length * 2 > own.length
    })
    .map(({ value }) => task.textOf(value as never))
}
