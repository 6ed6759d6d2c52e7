import 'server-only'
import { getDb, withTransaction } from '@/db/client'
import { askingBehind } from '@/models/registry'
import { getLog } from '@/platform/log'
import type { TaskType } from '@/tasks/task-type'
import type { ProjectScope } from './access'
import type { Actor } from './find-actor'
import type { ServingVersion } from './find-serving'
import { judgeSuggestions } from './judge-suggestions'
import type { ItemToStore } from './store-item'
import { insertPredictions, type StoredCandidate } from './store-prediction'

/** An exposure that was answered. */
export interface Answered {
  task: TaskType
  item: ItemToStore
  actor: Actor
  exposureId: string
  /** What stood first, as the guardrails let it through; null where nothing did. */
  first: StoredCandidate | null
}

interface Asking extends Answered {
  scope: ProjectScope
  version: ServingVersion
}

/** More than this many wait for nobody: then they are counted instead. */
const mostWaiting = 50
const flushEveryMs = 5_000

interface Line {
  waiting: Asking[]
  running: Promise<void> | null
  dropped: Map<string, { projectId: string; versionId: string; n: number }>
  timer: NodeJS.Timeout | null
}
const shared = globalThis as typeof globalThis & { amendShadows?: Line }

function line(): Line {
  shared.amendShadows ??= { waiting: [], running: null, dropped: new Map(), timer: null }
  return shared.amendShadows
}

/**
 * Asks versions in shadow about an exposure that is answered already, one at a time, behind everybody's answers and in a
 * worker thread of their own. What they say is stored and shown to nobody. Where too many wait they are not asked, and that is counted.
 */
export function askShadows(
  scope: ProjectScope,
  answered: Answered,
  versions: readonly ServingVersion[],
): void {
  const state = line()
  for (const version of versions) {
    if (state.waiting.length < mostWaiting) state.waiting.push({ ...answered, scope, version })
    else countDropped(state, scope.projectId, version.id)
  }
  state.running ??= askingBehind(() => work(state)).finally(() => {
    state.running = null
  })
}

/** Waits until all that wait now were asked, and what was dropped is counted. */
export async function settleShadows(): Promise<void> {
  const state = line()
  await state.running
  await flushDropped(state)
}

async function work(state: Line): Promise<void> {
  for (;;) {
    const next = state.waiting.shift()
    if (!next) return
    await askOne(next).catch((error: unknown) =>
      getLog().warn({ err: error, version: next.version.id }, 'A version in shadow could not be asked'),
    )
  }
}

async function askOne({ scope, task, item, actor, exposureId, first, version }: Asking): Promise<void> {
  const stored = { ...item, isNew: false }
  const { predicted, base, outcome } = await judgeSuggestions(scope, task, stored, version, actor, null)
  const fault = outcome.results.find(r => r.rule.startsWith('model-'))?.rule.slice('model-'.length)
  const own = outcome.candidates[0]
  await withTransaction(async tx => {
    const made = [base, predicted?.made ?? null].flatMap(one => one ?? [])
    await insertPredictions(tx, scope.projectId, version.id, made)
    await tx.$client.query(
      `INSERT INTO shadow_answers (project_id, exposure_id, model_version_id, prediction_id, status, would_show, same_first, latency_ms)
       VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT DO NOTHING`,
      [
        scope.projectId,
        exposureId,
        version.id,
        predicted?.id ?? null,
        fault ?? 'ok',
        outcome.shown,
        first && own ? task.sameValue(first.value, own.value) : null,
        predicted?.latencyMs ?? null,
      ],
    )
  })
}

function countDropped(state: Line, projectId: string, versionId: string): void {
  const counted = state.dropped.get(versionId) ?? { projectId, versionId, n: 0 }
  counted.n += 1
  state.dropped.set(versionId, counted)
  state.timer ??= setTimeout(() => void flushDropped(state).catch(() => {}), flushEveryMs).unref()
}

async function flushDropped(state: Line): Promise<void> {
  if (state.timer) clearTimeout(state.timer)
  state.timer = null
  const counted = [...state.dropped.values()]
  state.dropped.clear()
  if (counted.length === 0) return
  await getDb().$client.query(
    `INSERT INTO shadow_drops (project_id, model_version_id, day, dropped)
     SELECT r.project_id, r.version_id, date_trunc('day', amend.now(), 'UTC'), r.n
     FROM json_to_recordset($1::json) AS r(project_id uuid, version_id uuid, n int) JOIN projects p ON p.id = r.project_id
     ON CONFLICT (project_id, model_version_id, day) DO UPDATE SET dropped = shadow_drops.dropped + excluded.dropped`,
    [JSON.stringify(counted.map(c => ({ project_id: c.projectId, version_id: c.versionId, n: c.n })))],
  )
}
