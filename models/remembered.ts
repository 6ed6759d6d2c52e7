import type { MemoryInput, Recollection } from './model'
import { askWorker } from './worker-host'

/** What a worker answers to a recall: it lacks some inputs, or here is what it found. */
type WorkerRecall = { missing: string[] } | Recollection

const mostRounds = 3

/**
 * Asks a worker what its memory says. Workers keep the inputs of examples by id, so that a memory of thousands travels
 * as ids; what a worker lacks is loaded and sent with the next round.
 */
export async function recallFrom(
  kind: string,
  request: Record<string, unknown> & { ids: readonly string[] },
  load: (ids: readonly string[]) => Promise<MemoryInput[]>,
  signal: AbortSignal,
): Promise<Recollection> {
  let ids = request.ids
  let add: Record<string, unknown>[] = []
  for (let round = 0; round < mostRounds; round++) {
    const answer = (await askWorker(kind, { ...request, op: 'recall', ids, add }, signal)) as WorkerRecall
    if (!('missing' in answer)) {
      const { matches, inputVector, computed } = answer
      return { matches, inputVector, computed }
    }
    const { missing } = answer
    const inputs = await load(missing)
    const found = new Set(inputs.map(input => input.id))
    ids = ids.filter(id => found.has(id) || !missing.includes(id))
    // What reads a picture can't cross over to a worker.
    add = inputs.map(({ id, text, vector }) => ({ id, text, vector }))
  }
  throw new Error('The worker keeps losing what it was told.')
}

/** Examples of earlier answers, by id: dropped when unused for ten minutes, or when there are too many. */
export function createKept<Example>(most = 12_000, unusedMs = 10 * 60_000) {
  const kept = new Map<string, { example: Example; usedAt: number }>()
  return {
    put: (id: string, example: Example, now: number) => void kept.set(id, { example, usedAt: now }),
    /** The examples of a memory in its order, or the ids that are not kept. */
    take(ids: readonly string[], now: number): { missing: string[] } | { id: string; example: Example }[] {
      const missing: string[] = []
      const examples: { id: string; example: Example }[] = []
      for (const id of ids) {
        const entry = kept.get(id)
        if (!entry) missing.push(id)
        else {
          entry.usedAt = now
          examples.push({ id, example: entry.example })
        }
      }
      for (const [id, entry] of kept) if (now - entry.usedAt > unusedMs) kept.delete(id)
      const over = kept.size - most
      if (over > 0 && missing.length === 0)
        for (const [id] of [...kept].sort((a, b) => a[1].usedAt - b[1].usedAt).slice(0, over)) kept.delete(id)
      return missing.length > 0 ? { missing } : examples
    },
  }
}
