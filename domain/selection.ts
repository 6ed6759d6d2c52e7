import { percent } from './percent'

/** How unsure a model is, from the confidences of its candidates. */
export const uncertaintyMeasures = ['least-confidence', 'margin', 'entropy'] as const
export type UncertaintyMeasure = (typeof uncertaintyMeasures)[number]

/** Which items a rule looks at; what is not said is not asked. Times are ISO 8601, `to` not included. */
export interface SelectionFilters {
  receivedFrom?: string | undefined
  receivedTo?: string | undefined
  groupId?: string | undefined
  /** Words that the item's text holds. */
  text?: string | undefined
  /** Items that came with the product, or only others. */
  sample?: boolean | undefined
  /** Shown somewhere under this attribute. */
  slice?: Slice | undefined
  /** Judged is what this version said. */
  modelVersionId?: string | undefined
}

export interface Slice {
  name: string
  value: string
}

interface Limits {
  filters?: SelectionFilters | undefined
  /** Most items that one filling puts in: from one look at everything to the next. */
  budget?: number | undefined
}

/** How the items of a queue are chosen. What SQL selects is held against these functions by a test. */
export type SingleRule = Limits &
  (
    | { strategy: 'corrected' }
    | { strategy: 'low-confidence'; below: number }
    | { strategy: 'random'; rate: number }
    | { strategy: 'uncertainty'; measure: UncertaintyMeasure; above: number }
    /** Versions: their first suggestions differ. Human: a person's last words differ from the model's first. */
    | { strategy: 'disagreement'; between: 'versions' | 'human' }
    /** End users flagged or rejected it. */
    | { strategy: 'flagged' }
    /** A guardrail withheld the suggestion. */
    | { strategy: 'guardrail' }
    /** A slice that is named, else the one that people correct most. */
    | { strategy: 'weak-slice'; slice?: Slice | undefined }
    | { strategy: 'diversity'; budget: number }
    | { strategy: 'priority'; atLeast?: number | undefined }
  )

/** A part's share (0–1) of the mix's budget, or how many items of its own. */
export type PartBudget = { share: number } | { count: number }
export interface MixPart {
  rule: SingleRule
  budget: PartBudget
}
/** Parts that are asked in turn: an item goes to the first that wants it and has room. */
export type MixRule = Limits & { strategy: 'mix'; parts: readonly MixPart[] }
export type SelectionRule = SingleRule | MixRule
export type SingleStrategy = SingleRule['strategy']

/** Fewer decisions than these say too little about a slice. */
export const leastForSlice = 30

/** What a rule looks at. `draw`: see `drawOf`; `topConfidence`: of the first candidate, 0–1, null where there is none. */
export interface SelectionFacts {
  corrected: boolean
  topConfidence: number | null
  draw: number
  /** Of all candidates of the prediction, 0–1. */
  confidences?: readonly number[]
  /** The first suggestion of each version that said something. */
  firstTexts?: readonly string[]
  /** What a person left standing; null where nobody has written or corrected. */
  humanText?: string | null
  flagged?: boolean
  rejected?: boolean
  suppressed?: boolean
  slices?: readonly Slice[]
  priority?: number | null
}

const drawBits = 52

/** Draws lie from 0 up to, not including, this. */
export const drawRange = 2 ** drawBits

/**
 * An item's draw under a seed: the first 52 bits of SHA-256 over `<seed>:<item id>`, given as hex. The same seed gives
 * the same draw for ever, so that filling a queue again selects nobody twice and leaves nobody a second chance.
 */
export function drawOf(sha256Hex: string): number {
  return Number.parseInt(sha256Hex.slice(0, drawBits / 4), 16)
}

/** An item is drawn when its draw lies below this: each alone with probability `rate` (0–1), to within 2^-52. */
export function drawThreshold(rate: number): number {
  return Math.round(rate * drawRange)
}

/**
 * How unsure a model is, 0–1; null without a confidence. Least confidence: 1 − the highest. Margin: 1 − the distance from
 * the highest to the next, which counts as 0 where there is none. Entropy: of the confidences made to sum to 1, in units of
 * the most that so many candidates can have; 0 for one candidate.
 */
export function uncertaintyOf(measure: UncertaintyMeasure, confidences: readonly number[]): number | null {
  const [first, second = 0] = confidences.toSorted((a, b) => b - a)
  if (first === undefined) return null
  if (measure === 'least-confidence') return 1 - first
  if (measure === 'margin') return 1 - (first - second)
  const sum = confidences.reduce((total, c) => total + c, 0)
  if (confidences.length === 1 || sum <= 0) return 0
  const bits = confidences.reduce((total, c) => (c > 0 ? total - (c / sum) * Math.log(c / sum) : total), 0)
  return bits / Math.log(confidences.length)
}

const comparable = (text: string) => text.trim().toLowerCase()

/** Whether the rule wants the item, among items that it may look at. Diversity wants by distance: see `farthestFirst`. */
export function selects(rule: SingleRule, facts: SelectionFacts): boolean {
  switch (rule.strategy) {
    case 'corrected':
      return facts.corrected
    case 'random':
      return facts.draw < drawThreshold(rule.rate)
    case 'low-confidence':
      return facts.topConfidence !== null && facts.topConfidence < rule.below
    case 'uncertainty':
      return (uncertaintyOf(rule.measure, facts.confidences ?? []) ?? -1) >= rule.above
    case 'disagreement':
      return rule.between === 'versions'
        ? new Set((facts.firstTexts ?? []).map(comparable)).size > 1
        : typeof facts.humanText === 'string' &&
            facts.firstTexts?.[0] !== undefined &&
            comparable(facts.humanText) !== comparable(facts.firstTexts[0])
    case 'flagged':
      return facts.flagged === true || facts.rejected === true
    case 'guardrail':
      return facts.suppressed === true
    case 'weak-slice':
      return (facts.slices ?? []).some(
        ({ name, value }) => name === rule.slice?.name && value === rule.slice.value,
      )
    case 'priority':
      return (
        typeof facts.priority === 'number' && facts.priority >= (rule.atLeast ?? Number.NEGATIVE_INFINITY)
      )
    case 'diversity':
      return true
  }
}

/**
 * The probability, before any draw, that a filling selects an item of its pool. 1 where the item's own facts decide: then
 * what was reviewed says nothing about the items that the rule left out. A random rule with a budget takes the lowest
 * draws, so that each of `poolSize` items has E[min(X, budget)] / poolSize, X binomial with the rule's rate.
 */
export function inclusionProbability(
  rule: SingleRule,
  limit: { poolSize: number; budget: number | null } = { poolSize: 0, budget: null },
): number {
  if (rule.strategy !== 'random') return 1
  const { poolSize, budget } = limit
  if (budget === null || budget >= poolSize) return rule.rate
  return expectedOfMinimum(poolSize, rule.rate, budget) / poolSize
}

/** E[min(X, most)] of X binomial (n, p): weights from the mode outwards, until they no longer count. */
function expectedOfMinimum(n: number, p: number, most: number): number {
  if (p >= 1) return Math.min(n, most)
  const odds = p / (1 - p)
  const mode = Math.min(n, Math.floor((n + 1) * p))
  let weights = 1
  let sum = Math.min(mode, most)
  for (let k = mode, weight = 1; k < n && weight > 1e-18; k++) {
    weight *= ((n - k) / (k + 1)) * odds
    weights += weight
    sum += weight * Math.min(k + 1, most)
  }
  for (let k = mode, weight = 1; k > 0 && weight > 1e-18; k--) {
    weight *= k / ((n - k + 1) * odds)
    weights += weight
    sum += weight * Math.min(k - 1, most)
  }
  return sum / weights
}

/** How many items each part of a mix may put in, in their order: shares are rounded so that they sum to no more. */
export function partBudgets(rule: MixRule): number[] {
  const total = rule.budget ?? 0
  let shares = 0
  return rule.parts.map(({ budget }) => {
    if ('count' in budget) return budget.count
    const before = Math.round(Math.min(1, shares) * total)
    shares += budget.share
    return Math.round(Math.min(1, shares) * total) - before
  })
}

/**
 * Items that lie far from each other and from what is known (Sener & Savarese 2018, greedy k-center): each time the one
 * whose nearest centre is farthest; without a centre the first. Vectors are of length 1 or 0; distance is 1 − cosine, 0–2.
 *
 * @returns indices into `vectors` with their distance at that moment, in the order of choice
 */
export async function farthestFirst(
  vectors: readonly Float32Array[],
  centres: readonly Float32Array[],
  most: number,
  pause: () => Promise<unknown>,
): Promise<{ index: number; distance: number }[]> {
  const nearest = vectors.map(() => 2)
  const approach = (centre: Float32Array) => {
    for (let i = 0; i < vectors.length; i++) {
      const distance = 1 - dot(vectors[i] as Float32Array, centre)
      if (distance < (nearest[i] ?? 0)) nearest[i] = distance
    }
  }
  for (const [at, centre] of centres.entries()) {
    approach(centre)
    if (at % 16 === 15) await pause()
  }
  const chosen: { index: number; distance: number }[] = []
  const taken = new Set<number>()
  while (chosen.length < Math.min(most, vectors.length)) {
    let index = -1
    for (let i = 0; i < vectors.length; i++)
      if (!taken.has(i) && (index < 0 || (nearest[i] ?? 0) > (nearest[index] ?? 0))) index = i
    taken.add(index)
    chosen.push({ index, distance: Math.max(0, nearest[index] ?? 0) })
    approach(vectors[index] as Float32Array)
    if (chosen.length % 16 === 0) await pause()
  }
  return chosen
}

function dot(a: Float32Array, b: Float32Array): number {
  let sum = 0
  for (let i = 0; i < a.length; i++) sum += (a[i] ?? 0) * (b[i] ?? 0)
  return sum
}

const hashedWords = 256

/** A text as a vector of length 1: words hashed (FNV-1a, 32 bit) to 256 places and counted; all 0 without a word. */
export function wordVector(text: string): Float32Array {
  const vector = new Float32Array(hashedWords)
  for (const [word] of text.toLowerCase().matchAll(/[\p{L}\p{N}]+/gu)) {
    let hash = 0x811c9dc5
    for (let i = 0; i < word.length; i++) hash = Math.imul(hash ^ word.charCodeAt(i), 0x01000193)
    const place = (hash >>> 0) % hashedWords
    vector[place] = (vector[place] ?? 0) + 1
  }
  return unitVector(vector)
}

/** The vector at length 1; one without a direction as it is. */
export function unitVector(vector: Float32Array): Float32Array {
  const length = Math.sqrt(dot(vector, vector))
  return length === 0 ? vector : vector.map(x => x / length)
}

/** The strategy of what no rule selected: somebody chose it in the explorer. */
export const byHand = 'by-hand'

/** Why an item is in a queue, for the person who judges it: never how sure the model was of this one. `part`: of a mix. */
export function whySelected(rule: SelectionRule, part: number | null = null): string {
  if (rule.strategy === 'mix') {
    const found = rule.parts[part ?? 0]
    return found ? whySelected(found.rule) : 'Selected by a mix of rules.'
  }
  switch (rule.strategy) {
    case 'corrected':
      return 'Somebody corrected the suggestion or wrote their own.'
    case 'random':
      return `Drawn at random: each item has a chance of ${percent(rule.rate)}${rule.budget ? `, up to ${rule.budget} a filling` : ''}.`
    case 'low-confidence':
      return `The model was less than ${percent(rule.below)} sure of its first suggestion.`
    case 'uncertainty':
      return 'The model was unsure which of its suggestions is right.'
    case 'disagreement':
      return rule.between === 'versions'
        ? 'Versions of the model suggest different answers.'
        : 'The model still suggests something other than what a person left standing.'
    case 'flagged':
      return 'Somebody who was shown the suggestion flagged or rejected it.'
    case 'guardrail':
      return 'A guardrail withheld the suggestion.'
    case 'weak-slice':
      return rule.slice
        ? `It belongs to ${rule.slice.name} = ${rule.slice.value}.`
        : 'It belongs to the part of the work where people correct the model most.'
    case 'diversity':
      return 'It is unlike the others in this queue.'
    case 'priority':
      return 'It was sent with a priority.'
  }
}

/** The queues that a new project starts with. */
export const firstQueues: readonly { name: string; rule: SelectionRule; instructions: string }[] = [
  {
    name: 'Corrected by users',
    rule: { strategy: 'corrected' },
    instructions:
      'Somebody did not take the suggestion as it was. Judge each suggestion on its own first, then look at what they wrote: it may be right, and so may the suggestion.',
  },
  {
    name: 'Low confidence',
    rule: { strategy: 'low-confidence', below: 0.8 },
    instructions:
      'The model was unsure here. Judge each suggestion; where none is good, write an answer that would be.',
  },
  {
    name: 'Random 10 %',
    rule: { strategy: 'random', rate: 0.1 },
    instructions:
      'An even sample of everything, to measure how good the suggestions are. Judge what you see, also where it is easy.',
  },
]
