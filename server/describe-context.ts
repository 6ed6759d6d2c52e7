import 'server-only'
import type { ItemContext } from '@/contract/v1/context'
import { getDb, statementName } from '@/db/client'
import { AmendError } from '@/domain/errors'
import { nearDuplicatesOf, shinglesOf } from '@/domain/near-duplicate'
import { loadTaskType } from '@/tasks/registry'
import type { TaskType } from '@/tasks/task-type'
import type { ProjectScope } from './access'
import { findActor } from './find-actor'

const mostPrecedents = 3
const mostSimilar = 3
const mostNear = 20
/** How many that share words are looked at closely. */
const mostLookedAt = 200

interface Held {
  entryId: string
  queueId: string
  itemId: string
  blind: boolean
  practice: boolean
  payload: unknown
  /** Words of every suggestion that this person must not see yet. */
  secret: string[]
}

/**
 * What is at hand beside an item that the caller holds: the guideline, precedents that fit, settled items like it, and
 * open near-duplicates. Nothing is about the very item or says what its truth is, and nothing holds a suggestion that
 * the caller is to answer without.
 *
 * @throws AmendError not_found
 */
export async function describeContext(scope: ProjectScope, assignmentId: string): Promise<ItemContext> {
  const [actor, task] = await Promise.all([findActor(scope), loadTaskType(scope.project.taskType)])
  const { rows } = await getDb().$client.query(heldSql, [scope.projectId, assignmentId, actor.id])
  if (!rows[0]) throw new AmendError('not_found', 'You don’t hold this item now.', { field: 'id' })
  const held: Held = {
    ...rows[0],
    secret: (rows[0].secret as { value: unknown }[]).map(({ value }) => task.textOf(value as never).trim()),
  }
  const text = held.payload === null ? '' : task.inputText(held.payload)
  const words = queryOf(text)
  const [guideline, precedents, similar, nearDuplicates] = await Promise.all([
    readGuideline(scope.projectId),
    readPrecedents(scope, task, held, text),
    readSimilar(scope, task, held, words),
    held.blind || held.practice ? [] : readNear(scope, task, held, { text, words, actorId: actor.id }),
  ])
  return { guideline, precedents, similar, nearDuplicates }
}

const heldSql = `
  SELECT a.entry_id AS "entryId", a.queue_id AS "queueId", a.item_id AS "itemId", coalesce(a.blind, false) AS blind,
    a.round IS NOT NULL OR e.kind = 'practice' AS practice, c.body AS payload,
    coalesce((SELECT jsonb_agg(candidate) FROM assignments o
      JOIN queue_entries oe ON oe.project_id = o.project_id AND oe.id = o.entry_id
      JOIN predictions p ON p.project_id = oe.project_id AND p.item_id = oe.item_id
      JOIN contents pc ON pc.project_id = p.project_id AND pc.id = p.content_id, jsonb_array_elements(pc.body) AS own(candidate)
      WHERE o.project_id = a.project_id AND o.actor_id = $3 AND o.state = 'leased' AND o.blind), '[]'::jsonb) AS secret
  FROM assignments a
  JOIN queue_entries e ON e.project_id = a.project_id AND e.id = a.entry_id
  JOIN items i ON i.project_id = a.project_id AND i.id = a.item_id
  JOIN contents c ON c.project_id = i.project_id AND c.id = coalesce(i.redacted_content_id, i.content_id)
  WHERE a.project_id = $1 AND a.id = $2 AND a.actor_id = $3 AND a.state = 'leased'`

const longestQuery = 8

/** Pairs of a text's longest words, any of which must occur: what is nearly the same shares at least one. */
function queryOf(text: string): string | null {
  const words = [...new Set(text.toLowerCase().match(/[\p{L}\p{N}]{3,40}/gu) ?? [])]
    .sort((a, b) => b.length - a.length)
    .slice(0, longestQuery)
  if (words.length === 0) return null
  const pairs: string[] = []
  for (let at = 0; at < words.length; at += 2)
    pairs.push(words[at + 1] ? `(${words[at]} & ${words[at + 1]})` : `${words[at]}`)
  return pairs.join(' | ')
}

async function readGuideline(projectId: string): Promise<ItemContext['guideline']> {
  const { rows } = await getDb().$client.query({
    name: statementName('guideline'),
    text: `SELECT s.version, c.body->>'markdown' AS markdown FROM specifications s
           LEFT JOIN contents c ON c.project_id = s.project_id AND c.id = s.content_id
           WHERE s.project_id = $1 ORDER BY s.version DESC LIMIT 1`,
    values: [projectId],
  })
  const markdown: string | null = rows[0]?.markdown ?? null
  return { version: rows[0]?.version ?? 1, markdown: markdown?.trim() ? markdown : null }
}

const tellsSecret = (secret: readonly string[], texts: readonly string[]) =>
  texts.some(text => secret.includes(text.trim()))

interface PrecedentBody {
  accepted?: string[]
  rejected?: string[]
  explanation?: string
}

/** Those whose input is most like this one's. Few are made by hand, so all of the newest are compared. */
async function readPrecedents(
  scope: ProjectScope,
  task: TaskType,
  { itemId, secret }: Held,
  text: string,
): Promise<ItemContext['precedents']> {
  const { rows } = await getDb().$client.query(
    `SELECT p.id, p.reasons, pc.body, c.body AS payload FROM precedents p
     JOIN contents pc ON pc.project_id = p.project_id AND pc.id = p.content_id AND pc.body IS NOT NULL
     JOIN items i ON i.project_id = p.project_id AND i.id = p.item_id AND i.erased_at IS NULL
     JOIN contents c ON c.project_id = i.project_id AND c.id = coalesce(i.redacted_content_id, i.content_id) AND c.body IS NOT NULL
     WHERE p.project_id = $1 AND p.item_id <> $2 AND p.withdrawn_at IS NULL
       AND NOT EXISTS (SELECT FROM gold_items g WHERE g.project_id = p.project_id AND g.item_id = p.item_id AND g.retired_at IS NULL)
     ORDER BY p.id DESC LIMIT ${mostLookedAt}`,
    [scope.projectId, itemId],
  )
  const own = shinglesOf(text)
  return rows
    .map(row => {
      const { accepted = [], rejected = [], explanation = '' } = row.body as PrecedentBody
      const input = task.inputText(row.payload)
      const alike = overlapOf(own, shinglesOf(input))
      const told = { title: task.titleOf(row.payload), input, accepted, rejected, explanation }
      return { alike, precedent: { id: row.id as string, ...told, reasons: row.reasons as string[] } }
    })
    .filter(({ precedent }) => !tellsSecret(secret, [...precedent.accepted, ...precedent.rejected]))
    .sort((a, b) => b.alike - a.alike)
    .slice(0, mostPrecedents)
    .map(({ precedent }) => precedent)
}

/** Share of the smaller text's shingles that the other has too. */
function overlapOf(a: ReadonlySet<string>, b: ReadonlySet<string>): number {
  let shared = 0
  for (const shingle of a) if (b.has(shingle)) shared += 1
  return shared / Math.max(1, Math.min(a.size, b.size))
}

/** An item with a known truth is no example of anything: it would be told apart. */
const similarSql = `
  WITH found AS (
    SELECT i.id, c.body AS payload, c.search FROM contents c
    JOIN items i ON i.project_id = c.project_id AND i.content_id = c.id AND i.erased_at IS NULL AND i.id <> $2
    WHERE c.project_id = $1 AND c.kind = 'item' AND c.search @@ to_tsquery('simple', $3)
      AND EXISTS (SELECT FROM resolutions r WHERE r.project_id = i.project_id AND r.item_id = i.id)
      AND NOT EXISTS (SELECT FROM gold_items g WHERE g.project_id = i.project_id AND g.item_id = i.id)
    LIMIT ${mostLookedAt})
  SELECT f.id, f.payload, r.values, coalesce((
      SELECT jsonb_agg(v.word) FROM (
        SELECT CASE WHEN one->>'origin' = 'written' THEN w.body->'texts'->((one->>'index')::int)
          ELSE (SELECT candidate->'value' FROM jsonb_array_elements(w.body) AS own(candidate) WHERE candidate->>'id' = one->>'candidateId' LIMIT 1) END AS word
        FROM jsonb_array_elements(r.values) AS agreed(one)
        JOIN contents w ON w.project_id = $1 AND w.id = (one->>'contentId')::uuid AND w.body IS NOT NULL) v
      WHERE v.word IS NOT NULL), '[]'::jsonb) AS accepted
  FROM found f
  CROSS JOIN LATERAL (SELECT * FROM resolutions r WHERE r.project_id = $1 AND r.item_id = f.id ORDER BY r.resolved_at DESC LIMIT 1) r
  ORDER BY ts_rank(f.search, to_tsquery('simple', $3)) DESC, f.id LIMIT 12`

async function readSimilar(
  scope: ProjectScope,
  task: TaskType,
  { itemId, secret }: Held,
  words: string | null,
): Promise<ItemContext['similar']> {
  if (words === null) return []
  const { rows } = await getDb().$client.query(similarSql, [scope.projectId, itemId, words])
  return rows
    .map(row => ({
      itemId: row.id as string,
      title: task.titleOf(row.payload),
      input: task.inputText(row.payload),
      accepted: (row.accepted as unknown[]).map(value => task.textOf(value as never)),
    }))
    .filter(({ accepted }) => !tellsSecret(secret, accepted))
    .slice(0, mostSimilar)
}

/** Open places of the same queue for this person, at items that say nearly the same. */
const nearSql = `
  SELECT e.id, c.body AS payload FROM contents c
  JOIN items i ON i.project_id = c.project_id AND i.content_id = c.id AND i.erased_at IS NULL AND i.id <> $3
  JOIN queue_entries e ON e.project_id = i.project_id AND e.item_id = i.id AND e.queue_id = $2 AND e.kind = 'review' AND e.state = 'open'
  WHERE c.project_id = $1 AND c.kind = 'item' AND c.search @@ to_tsquery('simple', $4)
    AND EXISTS (SELECT FROM assignments a WHERE a.project_id = e.project_id AND a.entry_id = e.id AND NOT coalesce(a.blind, false) AND a.round IS NULL
      AND ((a.state = 'open' AND (a.reserved_for IS NULL OR a.reserved_for = $5)) OR (a.state = 'leased' AND (a.actor_id = $5 OR a.leased_until < amend.now()))))
    AND NOT EXISTS (SELECT FROM answers x WHERE x.project_id = e.project_id AND x.entry_id = e.id AND x.actor_id = $5)
    AND NOT EXISTS (SELECT FROM assignment_passes x WHERE x.project_id = e.project_id AND x.entry_id = e.id AND x.actor_id = $5)
  LIMIT ${mostLookedAt}`

async function readNear(
  scope: ProjectScope,
  task: TaskType,
  { queueId, itemId }: Held,
  { text, words, actorId }: { text: string; words: string | null; actorId: string },
): Promise<ItemContext['nearDuplicates']> {
  if (words === null) return []
  const { rows } = await getDb().$client.query(nearSql, [scope.projectId, queueId, itemId, words, actorId])
  const others = rows.map(row => ({
    entryId: row.id as string,
    title: task.titleOf(row.payload),
    text: task.inputText(row.payload),
    media: task.mediaOf?.(row.payload) ?? null,
  }))
  return nearDuplicatesOf(text, others)
    .slice(0, mostNear)
    .map(({ entryId, title, text: input, media }) => ({ entryId, title, input, media }))
}
