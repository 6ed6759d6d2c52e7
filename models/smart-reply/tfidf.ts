/** A sparse vector of unit length: term → weight. */
export type SparseVector = Map<string, number>

/** Term weights learned from a set of texts; `vector` gives the unit TF-IDF vector of any text. */
export interface TfIdf {
  vector(text: string): SparseVector
}

/**
 * TF-IDF over words and word pairs: tf = 1 + ln(count), idf = ln((1 + n) / (1 + df)) + 1, length 1
 * (the smooth variant of scikit-learn). Terms never seen in learning are left out.
 */
export function learnTfIdf(texts: readonly string[]): TfIdf {
  const documentFrequency = new Map<string, number>()
  for (const text of texts)
    for (const term of new Set(termsOf(text)))
      documentFrequency.set(term, (documentFrequency.get(term) ?? 0) + 1)
  return {
    vector(text) {
      const counts = new Map<string, number>()
      for (const term of termsOf(text))
        if (documentFrequency.has(term)) counts.set(term, (counts.get(term) ?? 0) + 1)
      const weights: SparseVector = new Map()
      let squares = 0
      for (const [term, count] of counts) {
        const idf = Math.log((1 + texts.length) / (1 + (documentFrequency.get(term) ?? 0))) + 1
        const weight = (1 + Math.log(count)) * idf
        weights.set(term, weight)
        squares += weight * weight
      }
      const length = Math.sqrt(squares) || 1
      for (const [term, weight] of weights) weights.set(term, weight / length)
      return weights
    },
  }
}

/** Dot product of two sparse vectors: the cosine, 0–1, when both have unit length and no negative weight. */
export function sparseDot(a: SparseVector, b: SparseVector): number {
  const [small, large] = a.size <= b.size ? [a, b] : [b, a]
  let sum = 0
  for (const [term, weight] of small) sum += weight * (large.get(term) ?? 0)
  return sum
}

function termsOf(text: string): string[] {
  const words =
    text
      .normalize('NFKC')
      .toLowerCase()
      .replace(/[’‘]/g, "'")
      .match(/[\p{L}\p{N}']+/gu) ?? []
  return [...words, ...words.slice(1).map((word, index) => `${words[index]} ${word}`)]
}
