/** How the items of a queue are chosen. What SQL selects is held against these functions by a test. */
export type SelectionRule =
  | { strategy: 'corrected' }
  | { strategy: 'low-confidence'; below: number }
  | { strategy: 'random'; rate: number }

/** What a rule looks at. `draw`: see `drawOf`; `topConfidence`: of the first candidate, 0–1, null where there is none. */
export interface SelectionFacts {
  corrected: boolean
  topConfidence: number | null
  draw: number
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

/** Whether the rule selects the item, among items that it may look at. */
export function selects(rule: SelectionRule, facts: SelectionFacts): boolean {
  if (rule.strategy === 'corrected') return facts.corrected
  if (rule.strategy === 'random') return facts.draw < drawThreshold(rule.rate)
  return facts.topConfidence !== null && facts.topConfidence < rule.below
}

/**
 * The probability, before any draw, that the rule selects an item. 1 where the item's own facts decide: then what was
 * reviewed says nothing about the items that the rule left out.
 */
export function inclusionProbability(rule: SelectionRule): number {
  return rule.strategy === 'random' ? rule.rate : 1
}

/** A share (0–1) as people read it: `12.5 %`. */
export const percent = (share: number) => `${Math.round(share * 1000) / 10} %`

/** Why an item is in a queue, for the person who judges it. `score`: what the rule ranked by. */
export function whySelected(rule: SelectionRule, score: number | null): string {
  if (rule.strategy === 'corrected') return 'Somebody corrected the suggestion or wrote their own.'
  if (rule.strategy === 'random') return `Drawn at random: each item has a chance of ${percent(rule.rate)}.`
  const said = score === null ? '' : `: ${percent(score)}`
  return `The model was less than ${percent(rule.below)} sure of its first suggestion${said}.`
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
