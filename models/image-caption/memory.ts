import type { MemoryInput, Recalled, Recollection } from '../model'
import { createKept } from '../remembered'
import { fromBytes, toBytes } from '../vector-bytes'
import centre from './centre.json'
import { featureSize } from './detector'

/** A corrected caption is proposed from this cosine of the two photos' centred features on; see `memory.md`. */
export const leastCosine = 0.55
const mostMatches = 12

/** Captions that people corrected, kept by the look of their photos between answers. */
export function createMemory() {
  const kept = createKept<Float32Array | null>()
  return function recall({
    feature,
    ids,
    add,
  }: {
    feature: Float32Array
    ids: string[]
    add: Pick<MemoryInput, 'id' | 'vector'>[]
  }): { missing: string[] } | Recollection {
    const now = performance.now()
    for (const { id, vector } of add) kept.put(id, lookOf(fromBytes(vector, featureSize)), now)
    const examples = kept.take(ids, now)
    if ('missing' in examples) return examples
    const query = lookOf(feature)
    const matches = examples
      .map(({ id, example }, at) => ({ id, at, near: example && query ? dot(query, example) : 0 }))
      .filter(({ near }) => near >= leastCosine)
      .sort((a, b) => b.near - a.near || a.at - b.at)
      .slice(0, mostMatches)
      .map(
        ({ id, near }): Recalled => ({ id, similarity: round(near), confidence: round(Math.min(1, near)) }),
      )
    return { matches, inputVector: toBytes(feature), computed: [] }
  }
}

/** A feature without what all photos share, of length 1. */
export function lookOf(feature: Float32Array | null): Float32Array | null {
  if (!feature) return null
  const centred = feature.map((value, i) => value - (centre[i] as number))
  const length = Math.sqrt(dot(centred, centred))
  return length === 0 ? null : centred.map(value => value / length)
}

/** Cosine of two looks, −1 to 1. */
export function dot(a: Float32Array, b: Float32Array): number {
  let sum = 0
  for (let i = 0; i < a.length; i++) sum += (a[i] as number) * (b[i] as number)
  return sum
}

const round = (value: number) => Math.round(value * 1000) / 1000
