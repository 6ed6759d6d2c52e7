/** Two texts are near-duplicates from here on: Jaccard similarity of their shingles, 0–1. */
export const nearDuplicateFrom = 0.8

const shingleLength = 5

/** Case, white space and the form of equal characters make no difference. */
const normalise = (text: string) => text.normalize('NFKC').toLowerCase().replace(/\s+/gu, ' ').trim()

/** All runs of five characters of a text; of a shorter one, the text itself. */
export function shinglesOf(text: string): Set<string> {
  const characters = [...normalise(text)]
  const shingles = new Set<string>()
  if (characters.length > 0 && characters.length < shingleLength) shingles.add(characters.join(''))
  for (let at = 0; at + shingleLength <= characters.length; at += 1)
    shingles.add(characters.slice(at, at + shingleLength).join(''))
  return shingles
}

/**
 * How alike two texts are: shared shingles over all shingles of both (Jaccard; Broder 1997, “On the resemblance and
 * containment of documents”), 0–1. Two empty texts have nothing in common.
 */
export function jaccard(a: ReadonlySet<string>, b: ReadonlySet<string>): number {
  let shared = 0
  for (const shingle of a) if (b.has(shingle)) shared += 1
  const all = a.size + b.size - shared
  return all === 0 ? 0 : shared / all
}

/** The texts among `others` that are near-duplicates of this one, most alike first. */
export function nearDuplicatesOf<T extends { text: string }>(
  text: string,
  others: readonly T[],
): (T & { similarity: number })[] {
  const shingles = shinglesOf(text)
  return others
    .map(other => ({ ...other, similarity: jaccard(shingles, shinglesOf(other.text)) }))
    .filter(({ similarity }) => similarity >= nearDuplicateFrom)
    .sort((a, b) => b.similarity - a.similarity)
}
