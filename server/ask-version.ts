import 'server-only'
import { getDb } from '@/db/client'
import { normalText, withoutPlaceholders } from '@/domain/learning'
import type { LoadMedia, Memory, MemoryInput, Model } from '@/models/model'
import { loadModel, predictWith, recallWith } from '@/models/registry'
import type { TaskType } from '@/tasks/task-type'

/** A version as whoever asks it needs it. */
export interface AskedVersion {
  id: string
  modelId: string
  name: string
  version: string
  kind: string
  parameters: Record<string, unknown>
  learning: 'none' | 'memory' | 'trained'
}

/** What a version says of one input. */
export interface VersionAnswer {
  outcome: 'answered' | 'silent' | 'failed'
  /** Best first. `trainingRow`: the row of its training whose words these are. */
  ranked: { value: unknown; confidence: number; trainingRow: number | null }[]
  latencyMs: number | null
  costMicros: number | null
  /** Of a failure: its kind, and words for whoever runs the model. */
  failure: { kind: string; detail: string } | null
}

/** Examples that a version holds: found by the model, their words read here. */
export interface VersionMemory {
  memory: Memory
  valueOf(id: string): unknown
  /** Of a row that is stored with the version; null of one that is held for this evaluation alone. */
  rowOf(id: string): number | null
}

export interface AskedInput {
  payload: unknown
  media?: LoadMedia | undefined
}

/** Candidates of a longer list are not looked at by any metric. */
const mostRanked = 10

/** Finds the version that a job or a request names; null where it is gone. */
export async function findAskedVersion(projectId: string, versionId: string): Promise<AskedVersion | null> {
  const { rows } = await getDb().$client.query<AskedVersion>(
    `SELECT v.id, m.id AS "modelId", m.name, v.version, m.kind, v.parameters, v.learning
     FROM model_versions v JOIN models m ON m.project_id = v.project_id AND m.id = v.model_id
     WHERE v.project_id = $1 AND v.id = $2`,
    [projectId, versionId],
  )
  return rows[0] ?? null
}

/**
 * Asks a version that runs here about one input, with the examples that it holds and nothing that anybody taught since.
 * Never throws for what a model does wrong.
 */
export async function askVersion(
  version: AskedVersion,
  task: TaskType,
  input: AskedInput,
  held: VersionMemory | null,
  timeoutMs: number,
): Promise<VersionAnswer> {
  const begun = performance.now()
  const model = await loadModel(version.kind)
  const own = await predictWith(version, input.payload, { timeoutMs, media: input.media })
  if (own.status !== 'ok' && own.status !== 'none')
    return {
      outcome: 'failed',
      ranked: [],
      latencyMs: own.latencyMs,
      costMicros: null,
      failure: { kind: own.status, detail: own.detail },
    }
  const ranked = own.status === 'ok' ? own.candidates.map(one => ({ ...one, trainingRow: null })) : []
  const silent = own.status === 'none' && own.leftToPerson === true
  const learned =
    model && held && !silent
      ? await recall(version, model, task, input, held, own.inputVector ?? null, timeoutMs)
      : []
  const texts = new Set(learned.map(one => normalText(task.textOf(one.value))))
  const all = [...learned, ...ranked.filter(one => !texts.has(normalText(task.textOf(one.value))))]
  return {
    outcome: all.length > 0 ? 'answered' : 'silent',
    ranked: all
      .slice(0, mostRanked)
      .map(({ value, confidence, trainingRow }) => ({ value, confidence, trainingRow })),
    latencyMs: learned.length > 0 ? Math.round((performance.now() - begun) * 10) / 10 : own.latencyMs,
    costMicros: null,
    failure: null,
  }
}

async function recall(
  version: AskedVersion,
  model: Model,
  task: TaskType,
  { payload, media }: AskedInput,
  held: VersionMemory,
  vector: Uint8Array | null,
  timeoutMs: number,
) {
  if (held.memory.entries.length === 0) return []
  const found = await recallWith(
    version,
    { text: task.inputText(payload), vector, media, memory: held.memory },
    timeoutMs,
  )
  const seen = new Set<string>()
  return (found?.matches ?? [])
    .map(({ id, confidence }) => ({ value: held.valueOf(id), confidence, trainingRow: held.rowOf(id) }))
    .filter(({ value }) => {
      if (!task.valueSchema.safeParse(value).success) return false
      const text = normalText(task.textOf(value))
      return !seen.has(text) && seen.add(text)
    })
    .slice(0, model.places.learned)
}

/** The examples that a version was trained on, those that it dropped since left out. */
export async function openTrainedMemory(projectId: string, versionId: string): Promise<VersionMemory | null> {
  const { rows } = await getDb().$client.query<{ number: number; value: unknown }>(
    `SELECT t.number, v.body AS value FROM training_rows t
     JOIN contents v ON v.project_id = t.project_id AND v.id = t.value_content_id
     WHERE t.project_id = $1 AND t.model_version_id = $2 AND t.withdrawn_at IS NULL AND v.body IS NOT NULL ORDER BY t.number`,
    [projectId, versionId],
  )
  if (rows.length === 0) return null
  const idOf = (number: number) => `${versionId}:${number}`
  const numberOf = (id: string) => Number(id.slice(id.indexOf(':') + 1))
  const values = new Map(rows.map(row => [row.number, row.value]))
  return {
    memory: {
      entries: rows.map(row => ({ id: idOf(row.number), kind: 'trained' as const })),
      load: ids => loadTrained(projectId, versionId, ids.map(numberOf), idOf),
    },
    valueOf: id => values.get(numberOf(id)),
    rowOf: numberOf,
  }
}

async function loadTrained(
  projectId: string,
  versionId: string,
  numbers: number[],
  idOf: (number: number) => string,
): Promise<MemoryInput[]> {
  const { rows } = await getDb().$client.query<{ number: number; body: unknown; vector: Buffer | null }>(
    `SELECT t.number, c.body, t.vector FROM training_rows t
     JOIN contents c ON c.project_id = t.project_id AND c.id = t.input_content_id
     WHERE t.project_id = $1 AND t.model_version_id = $2 AND t.number = ANY($3::int[]) AND c.body IS NOT NULL`,
    [projectId, versionId, numbers],
  )
  return rows.map(({ number, body, vector }) => ({
    id: idOf(number),
    text: withoutPlaceholders(String((body as { text?: unknown }).text ?? '')),
    vector: vector && new Uint8Array(vector),
  }))
}
