import 'server-only'
import type { Transaction } from '@/db/client'
import { isGold } from '@/db/queries/gold'
import { agreeingPeople, hasPlaceholder } from '@/domain/learning'
import { loadTaskType } from '@/tasks/registry'
import { mayLearn } from './learned-examples'
import { recordAction } from './record-action'
import { redactText } from './redact-text'
import { insertContents, newContent } from './store-content'
import { settleTrainingRows } from './training-rows'

/** What somebody taught and lets others profit from; gold items, which measure people, teach nobody. */
export const maySpread = `${mayLearn} AND a.training_allowed AND a.erased_at IS NULL AND NOT e.simulated AND NOT ${isGold('l.project_id', 'l.item_id')}`

/** SQL: what was taught, with what `maySpread` asks of. */
export const spreadingFrom = `learned_examples l
  JOIN exposures e ON e.project_id = l.project_id AND e.id = l.exposure_id
  JOIN actors a ON a.project_id = l.project_id AND a.id = l.actor_id`

interface Origin {
  exposureId: string
}

interface Shared {
  id: string
  source: 'curator' | 'agreement'
  state: 'active' | 'withdrawn'
  reason: 'undone' | 'too-few' | 'curator' | 'erased' | null
  normalHash: string
  exposureIds: string[]
}

/**
 * Brings what is shared in step with what people taught, after that changed on some exposures: a shared example stands
 * as long as one of its origins does, one of agreement as long as three people do. In the transaction of the change, so
 * that nothing that was taken back is suggested to anybody from then on.
 */
export async function settleSharing(
  tx: Transaction,
  projectId: string,
  exposureIds: readonly string[],
): Promise<void> {
  const { rows } = await tx.$client.query<{ hash: string }>(
    `SELECT normal_hash AS hash FROM learned_examples WHERE project_id = $1 AND exposure_id = ANY($2::uuid[])
     UNION SELECT normal_hash FROM shared_examples WHERE project_id = $1 AND exposure_ids && $2::uuid[]`,
    [projectId, exposureIds],
  )
  const hashes = rows.map(row => row.hash).sort()
  if (hashes.length > 0) {
    // Two who teach the same at once: the second looks after the first has stored.
    await tx.$client.query(
      'SELECT pg_advisory_xact_lock(hashtextextended($1 || h, 0)) FROM unnest($2::text[]) AS h',
      [projectId, hashes],
    )
    for (const hash of await worthALook(tx, projectId, hashes)) await settleOne(tx, projectId, hash)
  }
  await settleTrainingRows(tx, projectId, exposureIds)
}

/** Most words are written by one person and shared by nobody: then there is nothing to settle. */
async function worthALook(tx: Transaction, projectId: string, hashes: readonly string[]): Promise<string[]> {
  const { rows } = await tx.$client.query<{ hash: string }>(
    `SELECT h AS hash FROM unnest($2::text[]) AS h
     WHERE EXISTS (SELECT FROM shared_examples s WHERE s.project_id = $1 AND s.normal_hash = h)
       OR (SELECT count(*) FROM (SELECT DISTINCT l.actor_id FROM learned_examples l
         WHERE l.project_id = $1 AND l.normal_hash = h LIMIT $3) people) = $3
     ORDER BY h`,
    [projectId, hashes, agreeingPeople],
  )
  return rows.map(row => row.hash)
}

async function settleOne(tx: Transaction, projectId: string, hash: string): Promise<void> {
  const shared = await readShared(tx, projectId, hash)
  const standing = await whichStand(
    tx,
    projectId,
    shared.flatMap(s => s.exposureIds),
  )
  const agreed = await enoughAgree(tx, projectId, hash)
  for (const example of shared) {
    const stands = example.exposureIds.some(id => standing.has(id))
    const reason = !stands ? 'undone' : example.source === 'agreement' && !agreed ? 'too-few' : null
    const comesBack = example.reason === 'undone' || example.reason === 'too-few'
    if (example.state === 'active' && reason) await withdrawShared(tx, projectId, example, reason)
    else if (example.state === 'withdrawn' && !reason && comesBack)
      await restoreShared(tx, projectId, example)
  }
  const stand = shared.filter(s => s.source === 'agreement' && s.exposureIds.some(id => standing.has(id)))
  if (!agreed || stand.length >= agreeingPeople || shared.some(s => s.reason === 'curator')) return
  await shareByAgreement(tx, projectId, hash)
}

async function whichStand(
  tx: Transaction,
  projectId: string,
  exposureIds: readonly string[],
): Promise<Set<string>> {
  if (exposureIds.length === 0) return new Set()
  const { rows } = await tx.$client.query<{ id: string }>(
    `SELECT l.exposure_id AS id FROM ${spreadingFrom} WHERE l.project_id = $1 AND l.exposure_id = ANY($2::uuid[]) AND ${maySpread}`,
    [projectId, exposureIds],
  )
  return new Set(rows.map(row => row.id))
}

async function enoughAgree(tx: Transaction, projectId: string, hash: string): Promise<boolean> {
  const { rowCount } = await tx.$client.query(
    `SELECT DISTINCT l.actor_id FROM ${spreadingFrom} WHERE l.project_id = $1 AND l.normal_hash = $2 AND ${maySpread} LIMIT $3`,
    [projectId, hash, agreeingPeople],
  )
  return rowCount === agreeingPeople
}

async function readShared(tx: Transaction, projectId: string, hash: string): Promise<Shared[]> {
  const { rows } = await tx.$client.query<Shared>(
    `SELECT id, source, state, withdrawn_reason AS reason, normal_hash AS "normalHash", exposure_ids AS "exposureIds"
     FROM shared_examples WHERE project_id = $1 AND normal_hash = $2 ORDER BY id FOR UPDATE`,
    [projectId, hash],
  )
  return rows
}

/** The first time that each of some people taught it: a popular text has thousands of origins, and few are enough. */
async function readOrigins(tx: Transaction, projectId: string, hash: string): Promise<Origin[]> {
  const { rows } = await tx.$client.query<Origin>(
    `SELECT DISTINCT ON (l.actor_id) l.exposure_id AS "exposureId" FROM ${spreadingFrom}
     WHERE l.project_id = $1 AND l.normal_hash = $2 AND ${maySpread} ORDER BY l.actor_id, l.learned_at, l.exposure_id LIMIT 20`,
    [projectId, hash],
  )
  return rows
}

/** Takes a shared example out of every memory. */
export async function withdrawShared(
  tx: Transaction,
  projectId: string,
  example: Pick<Shared, 'id' | 'source'>,
  reason: 'undone' | 'too-few' | 'erased',
): Promise<void> {
  await tx.$client.query(
    `UPDATE shared_examples SET state = 'withdrawn', withdrawn_at = amend.now(), withdrawn_reason = $3
     WHERE project_id = $1 AND id = $2`,
    [projectId, example.id, reason],
  )
  await recordAction(
    tx,
    { projectId, system: true },
    {
      kind: 'example.unshared',
      targetType: 'shared-example',
      targetId: example.id,
      before: { source: example.source },
      after: { reason },
    },
  )
}

async function restoreShared(tx: Transaction, projectId: string, example: Shared): Promise<void> {
  await tx.$client.query(
    `UPDATE shared_examples SET state = 'active', withdrawn_at = NULL, withdrawn_reason = NULL WHERE project_id = $1 AND id = $2`,
    [projectId, example.id],
  )
  await recordAction(
    tx,
    { projectId, system: true },
    {
      kind: 'example.stood-again',
      targetType: 'shared-example',
      targetId: example.id,
      after: { source: example.source },
    },
  )
}

/** One example each for three people; a text with something to take out is left to a curator. */
async function shareByAgreement(tx: Transaction, projectId: string, hash: string): Promise<void> {
  const known = (await readShared(tx, projectId, hash)).filter(s => s.source === 'agreement')
  const used = new Set(known.flatMap(s => s.exposureIds))
  const found: { source: SharedSource; text: string }[] = []
  for (const { exposureId } of await readOrigins(tx, projectId, hash)) {
    const source = await readSource(tx, projectId, exposureId)
    if (!source) continue
    const { text } = await redactedValue(source)
    // A name written large by one is written small by the next: where one form has a hole, none is shared.
    if (hasPlaceholder(text)) return
    if (!used.has(exposureId)) found.push({ source, text })
  }
  const missing = agreeingPeople - known.filter(s => s.state === 'active').length
  for (const { source, text } of found.slice(0, missing)) {
    await storeShared(tx, projectId, {
      source: 'agreement',
      hash,
      exposureIds: [source.exposureId],
      from: source,
      input: await redactedInput(source),
      value: text,
      by: { projectId, system: true },
    })
  }
}

/** The words behind an origin, with the names of those around it. */
export interface SharedSource {
  exposureId: string
  actorId: string
  itemId: string
  taskType: string
  payload: unknown
  value: unknown
  names: string[]
}

const sourceSql = `
  SELECT l.exposure_id AS "exposureId", l.actor_id AS "actorId", l.item_id AS "itemId", p.task_type AS "taskType",
    ic.body AS payload, vc.body AS value, u.name
  FROM ${spreadingFrom}
  JOIN projects p ON p.id = l.project_id
  JOIN items i ON i.project_id = l.project_id AND i.id = l.item_id
  JOIN contents ic ON ic.project_id = i.project_id AND ic.id = i.content_id
  JOIN contents vc ON vc.project_id = l.project_id AND vc.id = l.value_content_id
  LEFT JOIN users u ON u.id = a.user_id
  WHERE l.project_id = $1 AND l.exposure_id = $2 AND ${maySpread} AND ic.body IS NOT NULL AND vc.body IS NOT NULL
  -- An erasure of these words waits until the copy is there, or is over before they are read.
  FOR SHARE OF l`

/** What an origin was about and what was written; null where it may not be shared or was erased. */
export async function readSource(
  tx: Pick<Transaction, '$client'>,
  projectId: string,
  exposureId: string,
): Promise<SharedSource | null> {
  const { rows } = await tx.$client.query(sourceSql, [projectId, exposureId])
  const row = rows[0]
  return row ? withNames(row) : null
}

/** The people around a text: who took part in it, and who wrote it. */
// biome-ignore lint/suspicious/noExplicitAny: a row of the raw driver
export async function withNames(row: any): Promise<SharedSource> {
  const task = await loadTaskType(row.taskType)
  const names = [row.name, ...(task.namesOf?.(row.payload) ?? [])].filter(Boolean)
  return { ...row, names }
}

/** What was written, with what is about people taken out. */
export async function redactedValue({ taskType, value, names }: SharedSource): Promise<{ text: string }> {
  const task = await loadTaskType(taskType)
  return { text: redactText(task.textOf(value), { names }) }
}

/** What it was written about, the same way; empty where the input is a picture, which itself is never shared. */
export async function redactedInput({ taskType, payload, names }: SharedSource): Promise<string> {
  const task = await loadTaskType(taskType)
  return task.mediaOf ? '' : redactText(task.inputText(payload), { names })
}

export interface ToShare {
  source: 'curator' | 'agreement'
  hash: string
  /** The first is the one that the words are from. */
  exposureIds: string[]
  from: Pick<SharedSource, 'actorId' | 'itemId' | 'taskType'>
  input: string
  value: string
  by: Parameters<typeof recordAction>[1]
}

/** Stores a shared example. Its words belong to whom they came from: they go with that person and with that item. */
export async function storeShared(
  tx: Transaction,
  projectId: string,
  { source, hash, exposureIds, from, input, value, by }: ToShare,
): Promise<{ id: string; actionId: string }> {
  const owner = { kind: 'shared' as const, actorId: from.actorId, itemId: from.itemId }
  const inputContent = newContent({ ...owner, body: { text: input } })
  const valueContent = newContent({ ...owner, body: { text: value } })
  await insertContents(tx, projectId, [inputContent, valueContent])
  const task = await loadTaskType(from.taskType)
  const { rows } = await tx.$client.query<{ id: string }>(
    `INSERT INTO shared_examples (project_id, source, input_content_id, value_content_id, normal_hash, exposure_ids, vector_kind, vector)
     SELECT $1, $2, $3, $4, $5, $6::uuid[], v.kind, v.vector FROM (SELECT 1) one
     LEFT JOIN LATERAL (SELECT kind, vector FROM item_vectors WHERE $7 AND project_id = $1 AND item_id = $8 LIMIT 1) v ON true
     RETURNING id`,
    [
      projectId,
      source,
      inputContent.id,
      valueContent.id,
      hash,
      exposureIds,
      // The words of a message are not those that were sent: only a picture keeps its numbers.
      task.mediaOf !== undefined,
      from.itemId,
    ],
  )
  const id = rows[0]?.id
  if (!id) throw new Error('a shared example was not stored')
  const actionId = await recordAction(tx, by, {
    kind: 'example.shared',
    targetType: 'shared-example',
    targetId: id,
    after: { source, origins: exposureIds.length },
  })
  return { id, actionId }
}
