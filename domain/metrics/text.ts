/** Version of everything in this file: stored with what was measured. */
export const textMetricsVersion = 'text-1'

/**
 * How texts are made alike before they are compared: NFKC, lower case, punctuation and symbols removed, runs of white
 * space made one space, none at the ends. “Yes,  that works!” and “yes that works” are then the same.
 */
export function normaliseText(text: string): string {
  return text
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[\p{P}\p{S}]+/gu, ' ')
    .replace(/\s+/gu, ' ')
    .trim()
}

export const wordsOf = (text: string): string[] => normaliseText(text).split(' ').filter(Boolean)

/** Whether a text equals one of the references after `normaliseText`. */
export const exactMatch = (text: string, references: readonly string[]): boolean =>
  references.some(reference => normaliseText(reference) === normaliseText(text))

/** Length of the longest common subsequence. */
function commonLength(a: readonly string[], b: readonly string[]): number {
  let row = new Array<number>(b.length + 1).fill(0)
  for (const word of a) {
    const next = [0]
    for (let j = 0; j < b.length; j++)
      next.push(word === b[j] ? (row[j] as number) + 1 : Math.max(row[j + 1] as number, next[j] as number))
    row = next
  }
  return row[b.length] as number
}

/**
 * ROUGE-L (Lin 2004): precision, recall and F1 of the longest common subsequence of words, 0–1.
 * “testing two” against “testing one two”: 1, 2/3, 0.8 (google-research/rouge).
 */
export function rougeL(text: string, reference: string): { precision: number; recall: number; f1: number } {
  const [a, b] = [wordsOf(text), wordsOf(reference)]
  const shared = commonLength(a, b)
  return {
    precision: a.length === 0 ? 0 : shared / a.length,
    recall: b.length === 0 ? 0 : shared / b.length,
    f1: shared === 0 ? 0 : (2 * shared) / (a.length + b.length),
  }
}

function countsOf(units: readonly string[], order: number, join = ''): Map<string, number> {
  const counts = new Map<string, number>()
  for (let at = 0; at + order <= units.length; at++) {
    const gram = units.slice(at, at + order).join(join)
    counts.set(gram, (counts.get(gram) ?? 0) + 1)
  }
  return counts
}

function shared(a: ReadonlyMap<string, number>, b: ReadonlyMap<string, number>): number {
  let n = 0
  for (const [gram, count] of a) n += Math.min(count, b.get(gram) ?? 0)
  return n
}

export const chrFOrder = 6

/** Of one text: for each order 1–6 the character n-grams of the text, of the reference, and those in both. */
export function chrFParts(text: string, reference: string): number[] {
  const [a, b] = [text, reference].map(one => [...one.replace(/\s+/gu, '')]) as [string[], string[]]
  const parts: number[] = []
  for (let order = 1; order <= chrFOrder; order++) {
    const [ofA, ofB] = [countsOf(a, order), countsOf(b, order)]
    parts.push(Math.max(0, a.length - order + 1), Math.max(0, b.length - order + 1), shared(ofA, ofB))
  }
  return parts
}

/**
 * chrF (Popović 2015) of summed parts, 0–100, as sacreBLEU computes it: case kept, white space left out, order 6, β 2,
 * averaged over the orders that both sides have. With `eps` over all orders, as chrF++.py does.
 */
export function chrF(parts: readonly number[], { beta = 2, eps = false } = {}): number {
  const tiny = 1e-16
  const factor = beta ** 2
  let [score, precision, recall, orders] = [0, 0, 0, 0]
  for (let order = 0; order < chrFOrder; order++) {
    const [a = 0, b = 0, both = 0] = parts.slice(order * 3, order * 3 + 3)
    const p = a > 0 ? both / a : tiny
    const r = b > 0 ? both / b : tiny
    score += factor * p + r > 0 ? ((1 + factor) * p * r) / (factor * p + r) : tiny
    if (a > 0 && b > 0) {
      precision += p
      recall += r
      orders += 1
    }
  }
  if (eps) return (100 * score) / chrFOrder
  if (orders === 0) return 0
  const [p, r] = [precision / orders, recall / orders]
  return p + r === 0 ? 0 : (100 * (1 + factor) * p * r) / (factor * p + r)
}

/** The parts against the reference that is nearest. */
export function chrFBestParts(text: string, references: readonly string[]): number[] {
  const all = references.map(reference => chrFParts(text, reference))
  return all.reduce((best, one) => (chrF(one) > chrF(best) ? one : best))
}

/** As mteval-v13a takes text apart. */
function tokens13a(text: string): string[] {
  return ` ${text.replace(/\n/g, ' ')} `
    .replace(/&quot;/g, '"')
    .replace(/&lt;/g, '<')
    .replace(/&gt;/g, '>')
    .replace(/&amp;/g, '&')
    .replace(/([{-~[-` -&(-+:-@/])/g, ' $1 ')
    .replace(/([^0-9])([.,])/g, '$1 $2 ')
    .replace(/([.,])([^0-9])/g, ' $1 $2')
    .replace(/([0-9])(-)/g, '$1 $2 ')
    .split(/\s+/)
    .filter(Boolean)
}

/** Of one text: words of it, words of the reference nearest in length, then matches and n-grams of orders 1–4. */
export function bleuParts(
  text: string,
  references: readonly string[],
  { tokenize = true }: { tokenize?: boolean } = {},
): number[] {
  const split = tokenize ? tokens13a : (one: string) => one.split(/\s+/).filter(Boolean)
  const own = split(text)
  const others = references.map(split)
  const nearest = others
    .map(other => other.length)
    .sort((a, b) => Math.abs(a - own.length) - Math.abs(b - own.length) || a - b)[0]
  const parts = [own.length, nearest ?? 0]
  for (let order = 1; order <= 4; order++) {
    const most = new Map<string, number>()
    for (const other of others)
      for (const [gram, count] of countsOf(other, order, ' '))
        most.set(gram, Math.max(most.get(gram) ?? 0, count))
    parts.push(shared(countsOf(own, order, ' '), most), Math.max(0, own.length - order + 1))
  }
  return parts
}

/** BLEU (Papineni 2002) of summed parts, 0–100, with sacreBLEU's exponential smoothing. */
export function bleu(parts: readonly number[]): number {
  const [own = 0, reference = 0] = parts
  let smooth = 1
  let sum = 0
  for (let order = 0; order < 4; order++) {
    const matches = parts[2 + order * 2] ?? 0
    const all = parts[3 + order * 2] ?? 0
    if (all === 0) return 0
    if (matches === 0) smooth *= 2
    sum += Math.log(matches === 0 ? 100 / (smooth * all) : (100 * matches) / all)
  }
  if ((parts[2] ?? 0) === 0) return 0
  const brevity = own === 0 ? 0 : own < reference ? Math.exp(1 - reference / own) : 1
  return brevity * Math.exp(sum / 4)
}

/** Fewest insertions, deletions and replacements from one to the other (Levenshtein). */
export function editsBetween(a: readonly string[], b: readonly string[]): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j)
  for (let i = 0; i < a.length; i++) {
    const next = [i + 1]
    for (let j = 0; j < b.length; j++)
      next.push(
        Math.min(
          (row[j] as number) + (a[i] === b[j] ? 0 : 1),
          (row[j + 1] as number) + 1,
          (next[j] as number) + 1,
        ),
      )
    row = next
  }
  return row[b.length] as number
}

/** Edits and words of the reference, after `normaliseText`; null for an empty reference, of which no rate exists. */
export function wordErrorParts(text: string, reference: string): number[] | null {
  const words = wordsOf(reference)
  return words.length === 0 ? null : [editsBetween(words, wordsOf(text)), words.length]
}

/** As `wordErrorParts`, by characters. */
export function characterErrorParts(text: string, reference: string): number[] | null {
  const characters = [...normaliseText(reference)]
  return characters.length === 0
    ? null
    : [editsBetween(characters, [...normaliseText(text)]), characters.length]
}

const trigrams = (text: string): Set<string> => new Set(countsOf([...` ${normaliseText(text)} `], 3).keys())
const known = new Map<string, Set<string>>()

/** How alike two texts are in their runs of three characters: Dice's coefficient (1945), 0–1. */
export function likeness(a: string, b: string): number {
  const [one, other] = [a, b].map(text => {
    let grams = known.get(text)
    if (!grams) {
      grams = trigrams(text)
      if (known.size > 20_000) known.clear()
      known.set(text, grams)
    }
    return grams
  }) as [Set<string>, Set<string>]
  if (one.size + other.size === 0) return 0
  let both = 0
  for (const gram of one) if (other.has(gram)) both += 1
  return (2 * both) / (one.size + other.size)
}
