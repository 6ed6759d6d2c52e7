import type { MemoryInput, Recalled, Recollection } from '../model'
import { createKept } from '../remembered'
import { fromBytes, toBytes } from '../vector-bytes'
import { type Embed, embeddingSize } from './embeddings'
import { coreOf, type DecisionKind, type MessageForm } from './message-form'
import { type Calibration, confidenceOf, formAndKind, formFactor, similarity, wholeOf } from './suggest'
import type { SparseVector, TfIdf } from './tfidf'

/**
 * A learned reply is proposed from this likeness of the two messages on, 0–1. Measured by `measure-memory.ts` on the
 * messages that ship; `memory.md` has the numbers.
 */
export const leastSimilarity = 0.6
/** Vectors that are missing and computed for one answer; the rest is found by words until its turn comes. */
const mostComputed = 12
const mostMatches = 12

interface Learned {
  text: string
  form: MessageForm
  kind: DecisionKind | null
  terms: SparseVector
  embedding: Float32Array | null
}

/** What one answer needs of the index that ships; terms are weighed by it alone, so that no example moves another. */
interface Means {
  tfidf: TfIdf
  embed: Embed | null
  calibration: Calibration
}

export interface RecallRequest {
  text: string
  vector: Uint8Array | null
  ids: string[]
  add: MemoryInput[]
}

/** Examples that people taught, kept by id between answers. */
export function createMemory() {
  const kept = createKept<Learned>()
  return async function recall(
    { text, vector, ids, add }: RecallRequest,
    { tfidf, embed, calibration }: Means,
  ): Promise<{ missing: string[] } | Recollection> {
    const now = performance.now()
    for (const input of add) kept.put(input.id, learn(input, tfidf), now)
    const examples = kept.take(ids, now)
    if ('missing' in examples) return examples

    const query = learn({ id: '', text, vector }, tfidf)
    if (!query.embedding && embed) query.embedding = (await embed([query.text]))[0] ?? null
    const computed: Recollection['computed'] = []
    for (const { id, example } of examples) {
      if (!embed || computed.length === mostComputed) break
      if (example.embedding) continue
      const [embedding] = await embed([example.text])
      if (!embedding) continue
      example.embedding = embedding
      computed.push({ id, vector: toBytes(embedding) })
    }
    const matches = examples
      .map(({ id, example }, at) => ({ id, at, near: likeness(query, example) }))
      .filter(({ near }) => near >= leastSimilarity)
      .sort((a, b) => b.near - a.near || a.at - b.at)
      .slice(0, mostMatches)
      .map(
        ({ id, near }): Recalled => ({
          id,
          similarity: round(near),
          confidence: round(confidenceOf(calibration, near, 'example')),
        }),
      )
    return { matches, inputVector: query.embedding && toBytes(query.embedding), computed }
  }
}

/** Likeness of two messages, 0–1: as the model compares with its own examples. */
export function likeness(query: Learned, example: Learned): number {
  return similarity(query, example) * formFactor(example, query.form, query.kind)
}

/** What is kept of a message. */
export function learn({ text, vector }: Omit<MemoryInput, 'media'>, tfidf: TfIdf): Learned {
  const core = coreOf(text)
  const whole = wholeOf(core)
  return {
    text: whole,
    ...formAndKind(core),
    terms: tfidf.vector(whole),
    embedding: fromBytes(vector, embeddingSize),
  }
}

const round = (value: number) => Math.round(value * 1000) / 1000
