import 'server-only'
import type { GoldCandidatePage, GoldGroundPage, GoldPage } from '@/contract/v1/gold'
import { getDb } from '@/db/client'
import { fromMicros, toMicros } from '@/db/instants'
import type { ResolvedValue } from '@/db/schema/review'
import { loadTaskType } from '@/tasks/registry'
import type { TaskType } from '@/tasks/task-type'
import type { ProjectScope } from './access'
import { readCursor, writeCursor } from './cursor'
import { countPracticeItems } from './find-practice'
import { sharedPredictionSql } from './select-items'
import type { StoredCandidate } from './store-prediction'

interface Page {
  cursor?: string | undefined
  limit: number
}

const goldSql = `
  SELECT g.item_id, g.use, g.verdicts, c.body AS payload, w.body AS words, pc.body AS candidates, to_json(g.set_at)#>>'{}' AS set_at,
    to_json(g.retired_at)#>>'{}' AS retired_at, ${toMicros('g.set_at')}::text AS micros,
    (SELECT count(*)::int FROM answers a WHERE a.project_id = g.project_id AND a.item_id = g.item_id AND a.kind IN ('gold', 'practice')) AS answers
  FROM gold_items g
  JOIN items i ON i.project_id = g.project_id AND i.id = g.item_id
  JOIN contents c ON c.project_id = i.project_id AND c.id = i.content_id
  JOIN contents w ON w.project_id = g.project_id AND w.id = g.content_id
  JOIN predictions p ON p.project_id = g.project_id AND p.id = g.prediction_id
  JOIN contents pc ON pc.project_id = p.project_id AND pc.id = p.content_id
  WHERE g.project_id = $1 AND ($2::bigint IS NULL OR (g.set_at, g.item_id) < (${fromMicros('$2::bigint')}, $3::uuid))
  ORDER BY g.set_at DESC, g.item_id DESC LIMIT $4`

/** Items whose truth is or was known, latest first. */
export async function listGold(scope: ProjectScope, page: Page): Promise<GoldPage> {
  const after = readCursor(page.cursor)
  const task = await loadTaskType(scope.project.taskType)
  const [{ rows }, practiceItems] = await Promise.all([
    getDb().$client.query(goldSql, [
      scope.projectId,
      after?.micros ?? null,
      after?.id ?? null,
      page.limit + 1,
    ]),
    countPracticeItems(getDb(), scope.projectId),
  ])
  const shown = rows.slice(0, page.limit)
  const last = shown.at(-1)
  return {
    items: shown.map(row => ({
      itemId: row.item_id,
      title: row.payload === null ? '' : task.titleOf(row.payload),
      use: row.use,
      verdicts: row.verdicts,
      candidates: sayCandidates(task, row.candidates),
      texts: ((row.words?.texts ?? []) as unknown[]).map(text => task.textOf(text as never)),
      explanation: row.words?.explanation ?? '',
      answers: row.answers,
      setAt: row.set_at,
      retiredAt: row.retired_at,
    })),
    nextCursor: rows.length > page.limit && last ? writeCursor(last.micros, last.item_id) : null,
    practiceItems,
  }
}

const sayCandidates = (task: TaskType, candidates: StoredCandidate[] | null) =>
  (candidates ?? []).map(({ id, value }) => ({ candidateId: id, text: task.textOf(value as never) }))

/** A page looks at no more items than this: where few have a suggestion it may be short, and the next one goes on. */
const mostLookedAt = 300

const groundSql = `
  SELECT i.id AS item_id, to_json(i.created_at)#>>'{}' AS at, ${toMicros('i.created_at')}::text AS micros, c.body AS payload, pc.body AS candidates
  FROM (SELECT * FROM items WHERE project_id = $1 AND ($2::bigint IS NULL OR (created_at, id) < (${fromMicros('$2::bigint')}, $3::uuid))
    ORDER BY created_at DESC, id DESC LIMIT ${mostLookedAt}) i
  LEFT JOIN LATERAL (${sharedPredictionSql}) found ON i.erased_at IS NULL AND i.owner_actor_id IS NULL
    AND NOT EXISTS (SELECT FROM gold_items g WHERE g.project_id = i.project_id AND g.item_id = i.id AND g.retired_at IS NULL)
  LEFT JOIN contents c ON c.project_id = i.project_id AND c.id = i.content_id
  LEFT JOIN predictions p ON p.project_id = i.project_id AND p.id = found.id
  LEFT JOIN contents pc ON pc.project_id = p.project_id AND pc.id = p.content_id
  ORDER BY i.created_at DESC, i.id DESC`

/** Items with a suggestion that a curator may judge and set as gold, latest first. */
export async function listGoldGrounds(scope: ProjectScope, page: Page): Promise<GoldGroundPage> {
  const after = readCursor(page.cursor)
  const task = await loadTaskType(scope.project.taskType)
  const { rows } = await getDb().$client.query(groundSql, [
    scope.projectId,
    after?.micros ?? null,
    after?.id ?? null,
  ])
  const fit = rows.filter(row => row.candidates?.length > 0 && row.payload !== null)
  const shown = fit.slice(0, page.limit)
  const last = fit.length > page.limit ? shown.at(-1) : rows.length === mostLookedAt ? rows.at(-1) : null
  return {
    items: shown.map(row => ({
      itemId: row.item_id,
      title: task.titleOf(row.payload),
      payload: row.payload,
      candidates: sayCandidates(task, row.candidates),
      receivedAt: row.at,
    })),
    nextCursor: last ? writeCursor(last.micros, last.item_id) : null,
  }
}

const candidateSql = `
  SELECT r.entry_id, r.item_id, q.name AS queue, r.values, c.body AS payload, pc.body AS candidates, to_json(r.resolved_at)#>>'{}' AS at,
    ${toMicros('r.resolved_at')}::text AS micros,
    (SELECT json_object_agg(w.id, w.body) FROM contents w WHERE w.project_id = r.project_id
       AND w.id IN (SELECT (v->>'contentId')::uuid FROM jsonb_array_elements(r.values) v WHERE v->>'origin' = 'written')) AS written
  FROM resolutions r
  JOIN queues q ON q.project_id = r.project_id AND q.id = r.queue_id
  JOIN queue_entries e ON e.project_id = r.project_id AND e.id = r.entry_id
  JOIN items i ON i.project_id = r.project_id AND i.id = r.item_id AND i.erased_at IS NULL
  JOIN contents c ON c.project_id = i.project_id AND c.id = i.content_id
  JOIN predictions p ON p.project_id = e.project_id AND p.id = e.prediction_id
  JOIN contents pc ON pc.project_id = p.project_id AND pc.id = p.content_id
  WHERE r.project_id = $1 AND ($2::bigint IS NULL OR (r.resolved_at, r.entry_id) < (${fromMicros('$2::bigint')}, $3::uuid))
    AND NOT EXISTS (SELECT FROM gold_items g WHERE g.project_id = r.project_id AND g.item_id = r.item_id AND g.retired_at IS NULL)
  ORDER BY r.resolved_at DESC, r.entry_id DESC LIMIT $4`

/** Resolved items that could become gold, latest first. */
export async function listGoldCandidates(scope: ProjectScope, page: Page): Promise<GoldCandidatePage> {
  const after = readCursor(page.cursor)
  const task = await loadTaskType(scope.project.taskType)
  const { rows } = await getDb().$client.query(candidateSql, [
    scope.projectId,
    after?.micros ?? null,
    after?.id ?? null,
    page.limit + 1,
  ])
  const shown = rows.slice(0, page.limit)
  const last = shown.at(-1)
  return {
    candidates: shown.map(row => ({
      entryId: row.entry_id,
      itemId: row.item_id,
      title: row.payload === null ? '' : task.titleOf(row.payload),
      queue: row.queue,
      accepted: (row.values as ResolvedValue[]).flatMap(value => {
        const found =
          value.origin === 'suggestion'
            ? ((row.candidates ?? []) as StoredCandidate[]).find(c => c.id === value.candidateId)?.value
            : row.written?.[value.contentId]?.texts?.[value.index ?? 0]
        return found === undefined ? [] : [task.textOf(found as never)]
      }),
      resolvedAt: row.at,
    })),
    nextCursor: rows.length > page.limit && last ? writeCursor(last.micros, last.entry_id) : null,
  }
}
