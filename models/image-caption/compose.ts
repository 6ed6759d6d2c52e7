import { type Detection, distinct } from './detections'

/** A composed caption and what it rests on. `confidence` is the best score among the things that it names. */
export interface Caption {
  text: string
  confidence: number
  things: { label: string; count: number; best: number }[]
}

const mostThings = 3
const numbers = ['no', 'one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine', 'ten']

/** A sentence that counts what was detected, best first: “A photo of two cars and a person.” Null for nothing seen. */
export function composeCaption(rows: readonly Detection[]): Caption | null {
  const things = new Map<string, { label: string; count: number; best: number }>()
  for (const { label, score } of distinct(rows)) {
    const thing = things.get(label) ?? { label, count: 0, best: 0 }
    things.set(label, { label, count: thing.count + 1, best: Math.max(thing.best, score) })
  }
  const named = [...things.values()].sort((a, b) => b.best - a.best).slice(0, mostThings)
  const best = named[0]
  if (!best) return null
  return { text: `A photo of ${list(named.map(inWords))}.`, confidence: best.best, things: named }
}

/** “a dog”, “two people”, “several sheep”. */
export function inWords({ label, count }: { label: string; count: number }): string {
  if (count === 1) return `${/^[aeiou]/.test(label) ? 'an' : 'a'} ${label}`
  return `${numbers[count] ?? 'several'} ${plural(label)}`
}

const irregular: Record<string, string> = {
  person: 'people',
  sheep: 'sheep',
  knife: 'knives',
  'computer mouse': 'computer mice',
  'wine glass': 'wine glasses',
  'hair dryer': 'hair dryers',
}

function plural(label: string): string {
  const known = irregular[label]
  if (known) return known
  const of = /^(pair|head) (of .+)$/.exec(label)
  if (of) return `${of[1]}s ${of[2]}`
  return /(?:s|sh|ch|x)$/.test(label) ? `${label}es` : `${label}s`
}

function list(parts: readonly string[]): string {
  return parts.length < 2 ? (parts[0] ?? '') : `${parts.slice(0, -1).join(', ')} and ${parts.at(-1)}`
}
