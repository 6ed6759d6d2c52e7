import 'server-only'
import { randomUUID } from 'node:crypto'
import { v7 as uuidv7 } from 'uuid'
import type { Transaction } from '@/db/client'
import type { Candidate } from '@/models/model'
import { insertContents, type NewContent, newContent } from './store-content'

/** One candidate as it lies in a prediction's content. */
export interface StoredCandidate {
  id: string
  value: unknown
  confidence: number
  intent: string | null
  evidence: string[]
}

/** A model's candidates as they are stored, each with an id by which people's events name it. */
export function toStored(candidates: readonly Candidate[]): StoredCandidate[] {
  return candidates.map(({ value, confidence, intent, evidence }) => ({
    id: randomUUID(),
    value,
    confidence,
    intent,
    evidence: evidence.map(e => e.text),
  }))
}

/** A prediction that is ready to be stored. */
export interface NewPrediction {
  /** Time-ordered: the latest prediction of an item is the one with the highest id. */
  id: string
  itemId: string
  candidates: StoredCandidate[]
  content: NewContent
  latencyMs: number | null
  /** What a memory had a part in: whose own it was, and what it held. */
  memory: { actorId: string | null; snapshot: string } | null
}

export function newPrediction(
  itemId: string,
  candidates: StoredCandidate[],
  latencyMs: number | null,
  memory: NewPrediction['memory'] = null,
): NewPrediction {
  const content = newContent({
    kind: 'candidates',
    actorId: memory?.actorId ?? null,
    itemId,
    body: candidates,
  })
  return { id: uuidv7(), itemId, candidates, content, latencyMs, memory }
}

/** Stores what one version said, with its texts. */
export async function insertPredictions(
  tx: Transaction,
  projectId: string,
  versionId: string,
  predictions: readonly NewPrediction[],
): Promise<void> {
  if (predictions.length === 0) return
  await insertContents(
    tx,
    projectId,
    predictions.map(p => p.content),
  )
  await tx.$client.query(
    `INSERT INTO predictions (project_id, id, item_id, model_version_id, content_id, top_confidence, candidate_count, latency_ms, actor_id, memory_snapshot)
     SELECT $1, id, item_id, $2, content_id, top_confidence, candidate_count, latency_ms, actor_id, memory_snapshot
     FROM jsonb_to_recordset($3::jsonb) AS p(ord int, id uuid, item_id uuid, content_id uuid, top_confidence float8,
       candidate_count int, latency_ms float8, actor_id uuid, memory_snapshot text) ORDER BY ord`,
    [
      projectId,
      versionId,
      JSON.stringify(
        predictions.map((p, ord) => ({
          ord,
          id: p.id,
          item_id: p.itemId,
          content_id: p.content.id,
          top_confidence: p.candidates[0]?.confidence ?? null,
          candidate_count: p.candidates.length,
          latency_ms: p.latencyMs,
          actor_id: p.memory?.actorId ?? null,
          memory_snapshot: p.memory?.snapshot ?? null,
        })),
      ),
    ],
  )
}
