import 'server-only'
import type { Learned } from '@/contract/v1/suggest'
import { getDb, statementName, type Transaction } from '@/db/client'
import { memoryLimits, normalText, withoutPlaceholders } from '@/domain/learning'
import type { LoadMedia, MemoryEntry, MemoryInput, MemoryKind, Recalled } from '@/models/model'
import { hashJson } from '@/platform/hash'
import type { TaskType } from '@/tasks/task-type'
import type { ProjectScope } from './access'
import type { Actor } from './find-actor'
import { readMedia } from './read-media'

/** What may be remembered for one person and one version, as ids; the words are read for what is proposed only. */
export interface HeldMemory {
  entries: readonly MemoryEntry[]
  /** Names what it holds; null where it holds nothing of people. */
  snapshot: string | null
  personal: readonly string[]
  shared: readonly string[]
}

const heldSql = `
  SELECT
    ARRAY(SELECT exposure_id FROM learned_examples WHERE project_id = $1 AND actor_id = $2
      ORDER BY learned_at DESC, exposure_id LIMIT ${memoryLimits.personal}) AS personal,
    ARRAY(SELECT id FROM shared_examples WHERE project_id = $1 AND state = 'active' ORDER BY id DESC LIMIT ${memoryLimits.shared}) AS shared,
    ARRAY(SELECT number FROM training_rows WHERE project_id = $1 AND model_version_id = $3 AND withdrawn_at IS NULL ORDER BY number) AS trained`

/** A key without a pseudonym speaks for nobody in particular: what it taught is remembered for nobody. */
function speaksForSomebody({ caller }: ProjectScope): boolean {
  return caller.kind === 'person' || caller.speaksFor !== null
}

/** Reads what the caller's memory holds with a version: their own latest examples, the shared ones, the trained ones. */
export async function holdMemory(scope: ProjectScope, actor: Actor, versionId: string): Promise<HeldMemory> {
  const { rows } = await getDb().$client.query<{ personal: string[]; shared: string[]; trained: number[] }>({
    name: statementName('held-memory'),
    text: heldSql,
    values: [scope.projectId, speaksForSomebody(scope) ? actor.id : null, versionId],
  })
  const { personal = [], shared = [], trained = [] } = rows[0] ?? {}
  return {
    entries: [
      ...personal.map(id => ({ id, kind: 'personal' as const })),
      ...shared.map(id => ({ id, kind: 'shared' as const })),
      ...trained.map(number => ({ id: trainedId(versionId, number), kind: 'trained' as const })),
    ],
    snapshot:
      personal.length + shared.length === 0
        ? null
        : hashJson({ personal: [...personal].sort(), shared: [...shared].sort() }),
    personal,
    shared,
  }
}

const trainedId = (versionId: string, number: number) => `${versionId}:${number}`
const numberOf = (id: string) => Number(id.slice(id.indexOf(':') + 1))

/** Reads the inputs of examples for a model, in whichever form it has them. */
export async function loadInputs(
  scope: ProjectScope,
  actor: Actor,
  { versionId, vectorKind, task }: { versionId: string; vectorKind: string; task: TaskType },
  entries: readonly MemoryEntry[],
): Promise<MemoryInput[]> {
  const ids = (kind: MemoryKind) => entries.filter(e => e.kind === kind).map(e => e.id)
  const { rows } = await getDb().$client.query<{
    kind: MemoryKind
    id: string
    body: unknown
    vector: Buffer | null
  }>(
    `SELECT 'personal' AS kind, l.exposure_id::text AS id, c.body, v.vector FROM learned_examples l
       JOIN items i ON i.project_id = l.project_id AND i.id = l.item_id
       JOIN contents c ON c.project_id = i.project_id AND c.id = i.content_id
       LEFT JOIN item_vectors v ON v.project_id = l.project_id AND v.item_id = l.item_id AND v.kind = $4
     WHERE l.project_id = $1 AND l.actor_id = $2 AND l.exposure_id = ANY($5::uuid[]) AND c.body IS NOT NULL
     UNION ALL
     SELECT 'shared', s.id::text, c.body, CASE WHEN s.vector_kind = $4 THEN s.vector END FROM shared_examples s
       JOIN contents c ON c.project_id = s.project_id AND c.id = s.input_content_id
     WHERE s.project_id = $1 AND s.id = ANY($6::uuid[]) AND c.body IS NOT NULL
     UNION ALL
     SELECT 'trained', t.model_version_id || ':' || t.number, c.body, t.vector FROM training_rows t
       JOIN contents c ON c.project_id = t.project_id AND c.id = t.input_content_id
     WHERE t.project_id = $1 AND t.model_version_id = $3 AND t.number = ANY($7::int[]) AND t.withdrawn_at IS NULL AND c.body IS NOT NULL`,
    [
      scope.projectId,
      actor.id,
      versionId,
      vectorKind,
      ids('personal'),
      ids('shared'),
      ids('trained').map(numberOf),
    ],
  )
  return rows.map(({ kind, id, body, vector }) => {
    const media = kind === 'personal' ? task.mediaOf?.(body) : undefined
    const load: LoadMedia | undefined = media && (() => readMedia(scope.projectId, media))
    return {
      id,
      vector: vector && new Uint8Array(vector),
      text:
        kind === 'personal'
          ? task.inputText(body)
          : withoutPlaceholders(String((body as { text?: unknown }).text ?? '')),
      ...(load ? { media: load } : {}),
    }
  })
}

/** An example that is proposed: its words, and what a person may know of where it comes from. */
export interface Proposed {
  kind: MemoryKind
  /** Of the memory's entry. */
  id: string
  value: unknown
  confidence: number
  similarity: number
  learned: Learned
  trainingRow: number | null
}

const order: readonly MemoryKind[] = ['personal', 'shared', 'trained']

/**
 * The words of what was recalled: a person's own before shared ones before those a version was trained on, nearest
 * first, no text twice, and none that was taken back in the meantime.
 */
export async function readProposed(
  scope: ProjectScope,
  actor: Actor,
  versionId: string,
  entries: readonly MemoryEntry[],
  recalled: readonly Recalled[],
  task: TaskType,
): Promise<Proposed[]> {
  const kinds = new Map(entries.map(entry => [entry.id, entry.kind]))
  const ids = (kind: MemoryKind) => recalled.filter(r => kinds.get(r.id) === kind).map(r => r.id)
  const { rows } = await getDb().$client.query<{
    id: string
    value: unknown
    at: string
    eventId: string | null
    itemId: string | null
  }>(
    `SELECT l.exposure_id::text AS id, c.body AS value, to_json(l.learned_at)#>>'{}' AS at, l.event_id AS "eventId", l.item_id AS "itemId"
     FROM learned_examples l JOIN contents c ON c.project_id = l.project_id AND c.id = l.value_content_id
     WHERE l.project_id = $1 AND l.actor_id = $2 AND l.exposure_id = ANY($4::uuid[])
     UNION ALL
     SELECT s.id::text, c.body, to_json(s.created_at)#>>'{}', NULL, NULL
     FROM shared_examples s JOIN contents c ON c.project_id = s.project_id AND c.id = s.value_content_id
     WHERE s.project_id = $1 AND s.state = 'active' AND s.id = ANY($5::uuid[])
     UNION ALL
     SELECT t.model_version_id || ':' || t.number, c.body, to_json(v.created_at)#>>'{}', NULL, NULL
     FROM training_rows t JOIN contents c ON c.project_id = t.project_id AND c.id = t.value_content_id
     JOIN model_versions v ON v.project_id = t.project_id AND v.id = t.model_version_id
     WHERE t.project_id = $1 AND t.model_version_id = $3 AND t.number = ANY($6::int[]) AND t.withdrawn_at IS NULL`,
    [scope.projectId, actor.id, versionId, ids('personal'), ids('shared'), ids('trained').map(numberOf)],
  )
  const read = new Map(rows.map(row => [row.id, row]))
  const seen = new Set<string>()
  const found = recalled.flatMap((hit): Proposed[] => {
    const row = read.get(hit.id)
    const kind = kinds.get(hit.id)
    if (!row || !kind || row.value === null || row.value === undefined) return []
    const own = kind === 'personal'
    return [
      {
        ...hit,
        kind,
        value: row.value,
        learned: {
          from: own ? 'you' : kind === 'shared' ? 'shared' : 'training',
          at: row.at,
          exposureId: own ? hit.id : null,
          eventId: row.eventId,
          itemId: row.itemId,
        },
        trainingRow: kind === 'trained' ? numberOf(hit.id) : null,
      },
    ]
  })
  return found
    .sort((a, b) => order.indexOf(a.kind) - order.indexOf(b.kind) || b.similarity - a.similarity)
    .filter(({ value }) => {
      const text = normalText(task.textOf(value))
      return !seen.has(text) && seen.add(text)
    })
}

/** Pins what a memory held; equal memories share the row. */
export async function storeSnapshot(tx: Transaction, projectId: string, held: HeldMemory): Promise<void> {
  if (held.snapshot === null) return
  await tx.$client.query(
    `INSERT INTO memory_snapshots (project_id, id, personal, shared) VALUES ($1, $2, $3::uuid[], $4::uuid[]) ON CONFLICT DO NOTHING`,
    [projectId, held.snapshot, [...held.personal].sort(), [...held.shared].sort()],
  )
}

/** The vector of an item, where it was computed before. */
export async function findItemVector(
  projectId: string,
  itemId: string,
  kind: string,
): Promise<Uint8Array | null> {
  const { rows } = await getDb().$client.query<{ vector: Buffer }>({
    name: statementName('item-vector'),
    text: 'SELECT vector FROM item_vectors WHERE project_id = $1 AND item_id = $2 AND kind = $3',
    values: [projectId, itemId, kind],
  })
  return rows[0] ? new Uint8Array(rows[0].vector) : null
}

/** Keeps the vectors that were computed for an answer: of the item itself, and of examples that had none yet. */
export async function storeVectors(
  tx: Transaction,
  projectId: string,
  kind: string,
  itemId: string,
  inputVector: Uint8Array | null,
  computed: readonly { id: string; kind: MemoryKind | undefined; vector: Uint8Array }[],
): Promise<void> {
  if (inputVector)
    await tx.$client.query(
      `INSERT INTO item_vectors (project_id, item_id, kind, vector) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING`,
      [projectId, itemId, kind, Buffer.from(inputVector)],
    )
  for (const { id, kind: memory, vector } of computed) {
    if (memory === 'personal')
      await tx.$client.query(
        `INSERT INTO item_vectors (project_id, item_id, kind, vector)
         SELECT l.project_id, l.item_id, $3, $4 FROM learned_examples l WHERE l.project_id = $1 AND l.exposure_id = $2 ON CONFLICT DO NOTHING`,
        [projectId, id, kind, Buffer.from(vector)],
      )
    if (memory === 'shared')
      await tx.$client.query(
        `UPDATE shared_examples SET vector_kind = $3, vector = $4 WHERE project_id = $1 AND id = $2 AND state = 'active'`,
        [projectId, id, kind, Buffer.from(vector)],
      )
  }
}
