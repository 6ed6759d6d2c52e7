import 'server-only'
import type { ChangeGoldBody, GoldAnswer, SetGoldBody } from '@/contract/v1/gold'
import type { VerdictInput } from '@/contract/v1/review'
import { type Transaction, withTransaction } from '@/db/client'
import type { ResolvedValue } from '@/db/schema/review'
import { AmendError } from '@/domain/errors'
import type { Verdict } from '@/domain/review'
import { loadTaskType } from '@/tasks/registry'
import type { TaskType } from '@/tasks/task-type'
import type { ProjectScope } from './access'
import { findActor } from './find-actor'
import { checkPracticeLeft } from './find-practice'
import { findReasonCodes } from './find-specification'
import { closePlaces, openPlaces } from './gold-places'
import { readValue } from './read-value'
import { recordAction } from './record-action'
import { sharedPredictionSql } from './select-items'
import { insertContents, newContent } from './store-content'
import type { StoredCandidate } from './store-prediction'

interface Ground {
  itemId: string
  predictionId: string
  candidates: StoredCandidate[]
}

/**
 * Sets what is true of an item: from a resolution, or by the curator's own verdicts. From then on the item is not
 * reviewed, and is handed out hidden or for practice. Undoable.
 *
 * @throws AmendError not_found, invalid_input, already_done
 */
export async function setGold(scope: ProjectScope, body: SetGoldBody): Promise<GoldAnswer> {
  const { projectId } = scope
  const [task, actor, codes] = await Promise.all([
    loadTaskType(scope.project.taskType),
    findActor(scope),
    findReasonCodes(projectId),
  ])
  return withTransaction(async tx => {
    const ground = body.entryId
      ? await groundOfEntry(tx, projectId, body.entryId)
      : await groundOfItem(tx, projectId, body.itemId ?? '')
    const settled = body.entryId ? await settledBy(tx, projectId, body.entryId, ground) : null
    const verdicts = body.verdicts ?? settled?.verdicts ?? []
    checkVerdicts(verdicts, ground.candidates, codes.codesOf(codes.current) ?? [])
    const texts = body.texts === undefined ? (settled?.texts ?? []) : checkTexts(task, body.texts)
    const content = newContent({
      kind: 'gold',
      actorId: actor.id,
      itemId: ground.itemId,
      body: { texts, explanation: body.explanation },
    })
    await insertContents(tx, projectId, [content])
    const { rowCount } = await tx.$client.query(
      `INSERT INTO gold_items (project_id, item_id, use, prediction_id, verdicts, content_id, content_hash, source_entry_id, set_by)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
       ON CONFLICT (project_id, item_id) DO UPDATE SET use = excluded.use, prediction_id = excluded.prediction_id, verdicts = excluded.verdicts,
         content_id = excluded.content_id, content_hash = excluded.content_hash, source_entry_id = excluded.source_entry_id,
         set_by = excluded.set_by, set_at = amend.now(), retired_at = NULL
       WHERE gold_items.retired_at IS NOT NULL`,
      [
        projectId,
        ground.itemId,
        body.use,
        ground.predictionId,
        JSON.stringify(verdicts),
        content.id,
        content.hash,
        body.entryId ?? null,
        actor.id,
      ],
    )
    if (!rowCount)
      throw new AmendError(
        'already_done',
        'The truth of this item is set already. Change it in the list of gold items.',
        {
          field: body.entryId ? 'entryId' : 'itemId',
        },
      )
    await closePlaces(tx, projectId, ground.itemId)
    const actionId = await recordAction(tx, scope, {
      kind: 'gold.set',
      targetType: 'gold',
      targetId: ground.itemId,
      after: { use: body.use },
    })
    return { itemId: ground.itemId, actionId }
  })
}

/** Changes what is true of a gold item, or what it is for. Undoable. @throws AmendError not_found, invalid_input, conflict */
export async function changeGold(
  scope: ProjectScope,
  itemId: string,
  body: ChangeGoldBody,
): Promise<GoldAnswer> {
  const { projectId } = scope
  const [task, actor, codes] = await Promise.all([
    loadTaskType(scope.project.taskType),
    findActor(scope),
    findReasonCodes(projectId),
  ])
  return withTransaction(async tx => {
    const gold = await lockGold(tx, projectId, itemId)
    if (body.verdicts) {
      const { rows } = await tx.$client.query<{ candidates: StoredCandidate[] | null }>(
        `SELECT c.body AS candidates FROM predictions p JOIN contents c ON c.project_id = p.project_id AND c.id = p.content_id
         WHERE p.project_id = $1 AND p.id = $2`,
        [projectId, gold.predictionId],
      )
      checkVerdicts(body.verdicts, rows[0]?.candidates ?? [], codes.codesOf(codes.current) ?? [])
    }
    const after: GoldFacts = {
      use: body.use ?? gold.use,
      verdicts: body.verdicts ?? gold.verdicts,
      contentId: gold.contentId,
      contentHash: gold.contentHash,
    }
    if (body.texts !== undefined || body.explanation !== undefined) {
      const content = newContent({
        kind: 'gold',
        actorId: actor.id,
        itemId,
        body: {
          texts: body.texts === undefined ? (gold.words?.texts ?? []) : checkTexts(task, body.texts),
          explanation: body.explanation ?? gold.words?.explanation ?? '',
        },
      })
      await insertContents(tx, projectId, [content])
      after.contentId = content.id
      after.contentHash = content.hash
    }
    await storeGold(tx, projectId, itemId, after)
    if (after.use !== gold.use) await checkPracticeLeft(tx, projectId)
    const { use, verdicts, contentId, contentHash } = gold
    const actionId = await recordAction(tx, scope, {
      kind: 'gold.changed',
      targetType: 'gold',
      targetId: itemId,
      before: { use, verdicts, contentId, contentHash },
      after: { ...after },
    })
    return { itemId, actionId }
  })
}

/** From here on the item is one like any other: its places are open again. Undoable. @throws AmendError not_found, conflict */
export async function retireGold(scope: ProjectScope, itemId: string): Promise<GoldAnswer> {
  return withTransaction(async tx => {
    const { use } = await lockGold(tx, scope.projectId, itemId)
    await setRetired(tx, scope.projectId, itemId, true)
    const actionId = await recordAction(tx, scope, {
      kind: 'gold.retired',
      targetType: 'gold',
      targetId: itemId,
      before: { use },
    })
    return { itemId, actionId }
  })
}

/** What may change of a gold item: codes, and where its words lie. */
export interface GoldFacts {
  use: 'measure' | 'practice'
  verdicts: VerdictInput[]
  contentId: string
  contentHash: string
}

export async function storeGold(
  tx: Transaction,
  projectId: string,
  itemId: string,
  { use, verdicts, contentId, contentHash }: GoldFacts,
): Promise<void> {
  await tx.$client.query(
    `UPDATE gold_items SET use = $3, verdicts = $4, content_id = $5, content_hash = $6 WHERE project_id = $1 AND item_id = $2`,
    [projectId, itemId, use, JSON.stringify(verdicts), contentId, contentHash],
  )
}

/** Retires a gold item or takes that back, with its ordinary places. The caller holds its row. */
export async function setRetired(
  tx: Transaction,
  projectId: string,
  itemId: string,
  retired: boolean,
): Promise<void> {
  await tx.$client.query(
    `UPDATE gold_items SET retired_at = CASE WHEN $3 THEN amend.now() END WHERE project_id = $1 AND item_id = $2`,
    [projectId, itemId, retired],
  )
  if (retired) {
    await checkPracticeLeft(tx, projectId)
    await openPlaces(tx, projectId, itemId)
  } else await closePlaces(tx, projectId, itemId)
}

type LockedGold = GoldFacts & {
  predictionId: string
  words: { texts: unknown[]; explanation: string } | null
}

/** The item's known truth while it is in force, its row held. @throws AmendError not_found */
export async function lockGold(tx: Transaction, projectId: string, itemId: string): Promise<LockedGold> {
  const { rows } = await tx.$client.query<LockedGold>(
    `SELECT g.use, g.verdicts, g.content_id AS "contentId", g.content_hash AS "contentHash", g.prediction_id AS "predictionId", c.body AS words
     FROM gold_items g JOIN contents c ON c.project_id = g.project_id AND c.id = g.content_id
     WHERE g.project_id = $1 AND g.item_id = $2 AND g.retired_at IS NULL FOR UPDATE OF g`,
    [projectId, itemId],
  )
  if (!rows[0]) throw new AmendError('not_found', 'This is no gold item, or it was retired.')
  return rows[0]
}

async function groundOfEntry(tx: Transaction, projectId: string, entryId: string): Promise<Ground> {
  const { rows } = await tx.$client.query<Ground>(
    `SELECT e.item_id AS "itemId", e.prediction_id AS "predictionId", c.body AS candidates
     FROM queue_entries e JOIN resolutions r ON r.project_id = e.project_id AND r.entry_id = e.id
     JOIN items i ON i.project_id = e.project_id AND i.id = e.item_id AND i.erased_at IS NULL
     JOIN predictions p ON p.project_id = e.project_id AND p.id = e.prediction_id
     JOIN contents c ON c.project_id = p.project_id AND c.id = p.content_id AND c.body IS NOT NULL
     WHERE e.project_id = $1 AND e.id = $2 AND e.kind = 'review' FOR NO KEY UPDATE OF e`,
    [projectId, entryId],
  )
  if (!rows[0])
    throw new AmendError(
      'not_found',
      'There is no such resolved item with a suggestion. Gold is made of what has been settled, or by verdicts of your own.',
      { field: 'entryId' },
    )
  return rows[0]
}

async function groundOfItem(tx: Transaction, projectId: string, itemId: string): Promise<Ground> {
  const { rows } = await tx.$client.query<Ground>(
    `SELECT i.id AS "itemId", p.id AS "predictionId", c.body AS candidates
     FROM items i CROSS JOIN LATERAL (${sharedPredictionSql}) found
     JOIN predictions p ON p.project_id = i.project_id AND p.id = found.id
     JOIN contents c ON c.project_id = p.project_id AND c.id = p.content_id AND c.body IS NOT NULL
     WHERE i.project_id = $1 AND i.id = $2 AND i.erased_at IS NULL AND i.owner_actor_id IS NULL`,
    [projectId, itemId],
  )
  if (!rows[0])
    throw new AmendError(
      'not_found',
      'There is no such item of the project with a suggestion. What somebody brought for themselves is never gold.',
      { field: 'itemId' },
    )
  return rows[0]
}

/** A resolution as verdicts on every suggestion: what was accepted, and wrong where most said so. */
async function settledBy(tx: Transaction, projectId: string, entryId: string, { candidates }: Ground) {
  const { rows } = await tx.$client.query<{ values: ResolvedValue[] }>(
    'SELECT values FROM resolutions WHERE project_id = $1 AND entry_id = $2',
    [projectId, entryId],
  )
  const values = rows[0]?.values ?? []
  const { rows: said } = await tx.$client.query<{ candidateId: string; verdict: Verdict; reasons: string[] }>(
    `SELECT v->>'candidateId' AS "candidateId", v->>'verdict' AS verdict, coalesce(v->'reasons', '[]') AS reasons
     FROM answers a, jsonb_array_elements(a.verdicts) v WHERE a.project_id = $1 AND a.entry_id = $2`,
    [projectId, entryId],
  )
  const verdicts = candidates.flatMap(({ id }): VerdictInput[] => {
    const accepted = values.find(value => value.candidateId === id)
    if (accepted) return [{ candidateId: id, verdict: accepted.verdict, reasons: [] }]
    const wrong = said.filter(one => one.candidateId === id && one.verdict === 'wrong')
    const reasons = [...new Set(wrong.flatMap(one => one.reasons))].slice(0, 9)
    return reasons.length > 0 ? [{ candidateId: id, verdict: 'wrong', reasons }] : []
  })
  const written = values.filter(value => value.origin === 'written')
  const { rows: contents } = await tx.$client.query<{ id: string; texts: unknown[] | null }>(
    `SELECT id, body->'texts' AS texts FROM contents WHERE project_id = $1 AND id = ANY($2::uuid[])`,
    [projectId, written.map(value => value.contentId)],
  )
  const texts = written.flatMap(value => {
    const text = contents.find(content => content.id === value.contentId)?.texts?.[value.index ?? 0]
    return text === undefined ? [] : [text]
  })
  return { verdicts, texts: texts.slice(0, 10) }
}

const misfit = (field: string, words: string) =>
  new AmendError('invalid_input', `${field}: ${words}`, { field })

function checkVerdicts(
  verdicts: readonly VerdictInput[],
  candidates: readonly StoredCandidate[],
  codes: readonly string[],
): void {
  for (const [at, { candidateId, verdict, reasons }] of verdicts.entries()) {
    if (!candidates.some(candidate => candidate.id === candidateId))
      throw misfit(`verdicts.${at}.candidateId`, 'is none of the suggestions for this item.')
    if (verdicts.findIndex(other => other.candidateId === candidateId) !== at)
      throw misfit(`verdicts.${at}.candidateId`, 'is judged twice.')
    if (verdict === 'wrong' && reasons.length === 0)
      throw misfit(`verdicts.${at}.reasons`, 'say why it is wrong: one reason or more.')
    const unknown = reasons.find(code => !codes.includes(code))
    if (unknown) throw misfit(`verdicts.${at}.reasons`, `“${unknown}” is none of: ${codes.join(', ')}.`)
  }
  if (verdicts.length < candidates.length)
    throw misfit('verdicts', 'judge each suggestion: what nobody has judged can’t be right or wrong.')
}

function checkTexts(task: TaskType, texts: readonly unknown[]): unknown[] {
  return texts.map((text, at) => {
    const read = readValue(task, text)
    if ('problem' in read) throw misfit(`texts.${at}`, `${read.problem.message}.`)
    return read.value
  })
}
