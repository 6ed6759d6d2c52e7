import 'server-only'
import { getDb } from '@/db/client'
import { fnv1a64 } from '@/domain/guardrails'
import { hasPlaceholder, withoutPlaceholders } from '@/domain/learning'
import { unitOf } from '@/domain/metrics/resample'
import type { DatasetLine } from '@/exchange/registry'
import type { MemoryInput } from '@/models/model'
import { loadModel } from '@/models/registry'
import type { VersionMemory } from './ask-version'
import type { EvaluationWork } from './evaluation-work'
import { rowOfLine } from './measure-context'
import { readMedia } from './read-media'
import { redactText } from './redact-text'
import { readVersion } from './version-lines'

interface Example {
  number: number
  fold: number
  value: unknown
  input: Omit<MemoryInput, 'id' | 'vector'>
  itemId: string
}

/**
 * Cross-validation: whole groups and clusters are dealt into folds, and each row is answered with a memory of the other
 * folds' rows, their words prepared as training prepares them. Nothing of it outlasts the evaluation.
 */
export async function openFolds(
  projectId: string,
  work: EvaluationWork,
  folds: number,
): Promise<(line: DatasetLine) => { fold: number; memory: VersionMemory }> {
  const { task, split } = work
  const foldOf = (line: { group_key: string; cluster: string | null }) =>
    1 +
    Number(
      fnv1a64(`${work.options.seed}:${unitOf({ groupKey: line.group_key, clusterKey: line.cluster })}`) %
        BigInt(folds),
    )
  const examples = new Map<string, Example>()
  const idOf = (number: number) => `cv:${work.datasetVersionId}:${number}`
  for await (const read of readVersion(projectId, work.datasetVersionId))
    for (const { line } of read) {
      const row = rowOfLine(line)
      if (!row || (split !== 'all' && line.split !== split)) continue
      const names = task.namesOf?.(row.payload) ?? []
      const text = redactText(task.textOf(row.truths[0] as never), { names })
      if (hasPlaceholder(text)) continue
      const value = task.valueOfText(text)
      const media = task.mediaOf?.(row.payload)
      if (value === null) continue
      examples.set(idOf(line.number), {
        number: line.number,
        fold: foldOf(line),
        value,
        itemId: line.item_id,
        input: {
          text: media ? '' : withoutPlaceholders(redactText(task.inputText(row.payload), { names })),
          ...(media ? { media: () => readMedia(projectId, media) } : {}),
        },
      })
    }
  const vectors = await computeVectors(projectId, work, examples)
  const memories = Array.from({ length: folds }, (_, at): VersionMemory => {
    const entries = [...examples].filter(([, example]) => example.fold !== at + 1)
    return {
      memory: {
        entries: entries.map(([id]) => ({ id, kind: 'trained' as const })),
        load: async ids =>
          ids.flatMap(id => {
            const example = examples.get(id)
            return example ? [{ id, ...example.input, vector: vectors.get(id) ?? null }] : []
          }),
      },
      valueOf: id => examples.get(id)?.value,
      rowOf: () => null,
    }
  })
  return line => {
    const fold = foldOf(line)
    return { fold, memory: memories[fold - 1] as VersionMemory }
  }
}

const vectorTimeoutMs = 20_000

/** Of pictures: a model looks at one at a time while it answers, so theirs are computed ahead. */
async function computeVectors(
  projectId: string,
  work: EvaluationWork,
  examples: ReadonlyMap<string, Example>,
): Promise<Map<string, Uint8Array>> {
  const model = await loadModel(work.version.kind)
  const vectors = new Map<string, Uint8Array>()
  if (!model || !work.task.mediaOf) return vectors
  for (const [id, example] of examples) {
    const { rows } = await getDb().$client.query<{ vector: Buffer }>(
      'SELECT vector FROM item_vectors WHERE project_id = $1 AND item_id = $2 AND kind = $3',
      [projectId, example.itemId, model.vectorKind],
    )
    const stored = rows[0]?.vector
    const vector = stored
      ? new Uint8Array(stored)
      : await model.vectorOf(example.input, AbortSignal.timeout(vectorTimeoutMs))
    if (vector) vectors.set(id, vector)
  }
  return vectors
}
