import { type Box, boxOverlap } from './agreement'

/** Who gave which label to what. */
export interface Vote {
  unit: string
  person: string
  label: string
}

/** What the labels of many people amount to. Probabilities are in the order of the labels asked for. */
export interface DawidSkene {
  /** Of each unit the probability of each label, summing to 1. */
  posteriors: Map<string, number[]>
  /** How frequent each label is. */
  priors: number[]
}

interface Inputs {
  majority: { labels: readonly string[] }
  'dawid-skene': {
    votes: readonly Vote[]
    labels: readonly string[]
    /** Steps of expectation and maximisation at most. */
    steps?: number
    /** Answers of each kind that everybody is credited with: so that few answers make nobody infallible. */
    smoothing?: number
  }
  median: { values: readonly number[] }
  boxes: {
    /** Of each person their boxes of one picture. */
    people: readonly (readonly Box[])[]
    /** Boxes that overlap at least so are one thing, as IoU. */
    overlap?: number
  }
}

interface Outputs {
  /** The label that more chose than any other; null at a tie. */
  majority: string | null
  'dawid-skene': DawidSkene
  /** Null of nothing. */
  median: number | null
  /** What more than half of the people drew, by the median of each edge. */
  boxes: Box[]
}

export type AggregationMethod = keyof Inputs

/** Makes one answer of several people's, by the method that their values allow. */
export function aggregate<Method extends AggregationMethod>(
  method: Method,
  input: Inputs[Method],
): Outputs[Method] {
  return methods[method](input)
}

const methods: { [Method in AggregationMethod]: (input: Inputs[Method]) => Outputs[Method] } = {
  majority: ({ labels }) => majorityOf(labels),
  'dawid-skene': dawidSkene,
  median: ({ values }) => medianOf(values),
  boxes: ({ people, overlap = 0.5 }) => matchBoxes(people, overlap),
}

function majorityOf(labels: readonly string[]): string | null {
  const counts = new Map<string, number>()
  for (const label of labels) counts.set(label, (counts.get(label) ?? 0) + 1)
  const [first, second] = [...counts].sort((a, b) => b[1] - a[1])
  return first && first[1] !== second?.[1] ? first[0] : null
}

function medianOf(values: readonly number[]): number | null {
  const sorted = [...values].sort((a, b) => a - b)
  const [low, high] = [sorted[Math.floor((sorted.length - 1) / 2)], sorted[Math.floor(sorted.length / 2)]]
  return low === undefined || high === undefined ? null : (low + high) / 2
}

const settled = 1e-6
const tiny = 1e-10

/**
 * Dawid and Skene (1979): each person has a table of which label they give where which is true. Begins with the shares
 * of the votes; each step takes tables and frequencies from the posteriors, and posteriors from those.
 */
function dawidSkene({ votes, labels, steps = 100, smoothing = 0 }: Inputs['dawid-skene']): DawidSkene {
  const place = new Map(labels.map((label, at) => [label, at]))
  const places = labels.map((_, at) => at)
  const byUnit = new Map<string, { person: number; said: number }[]>()
  const people = new Map<string, number>()
  for (const { unit, person, label } of votes) {
    const said = place.get(label)
    if (said === undefined) continue
    if (!people.has(person)) people.set(person, people.size)
    const of = byUnit.get(unit) ?? []
    of.push({ person: people.get(person) ?? 0, said })
    byUnit.set(unit, of)
  }
  let posteriors = new Map(
    [...byUnit].map(([unit, said]) => [
      unit,
      places.map(at => said.filter(vote => vote.said === at).length / said.length),
    ]),
  )
  const priorsNow = () =>
    places.map(at => [...posteriors.values()].reduce((sum, p) => sum + (p[at] ?? 0), 0) / posteriors.size)
  for (let step = 0; step < steps; step++) {
    const priors = priorsNow()
    const tables = Array.from({ length: people.size }, () =>
      places.map(() => new Array<number>(labels.length).fill(smoothing)),
    )
    for (const [unit, said] of byUnit)
      for (const vote of said)
        for (const truth of places) {
          const row = tables[vote.person]?.[truth]
          if (row) row[vote.said] = (row[vote.said] ?? 0) + (posteriors.get(unit)?.[truth] ?? 0)
        }
    const logs = tables.map(table =>
      table.map(row => {
        const sum = row.reduce((total, count) => total + count, 0)
        return row.map(count => Math.log(Math.max(tiny, sum === 0 ? 0 : count / sum)))
      }),
    )
    let moved = 0
    posteriors = new Map(
      [...byUnit].map(([unit, said]) => {
        const scores = places.map(
          truth =>
            Math.log(Math.max(tiny, priors[truth] ?? 0)) +
            said.reduce((sum, vote) => sum + (logs[vote.person]?.[truth]?.[vote.said] ?? 0), 0),
        )
        const top = Math.max(...scores)
        const weights = scores.map(score => Math.exp(score - top))
        const total = weights.reduce((sum, weight) => sum + weight, 0)
        const now = weights.map(weight => weight / total)
        const before = posteriors.get(unit) ?? []
        moved = Math.max(moved, ...now.map((p, at) => Math.abs(p - (before[at] ?? 0))))
        return [unit, now]
      }),
    )
    if (moved < settled) break
  }
  return { posteriors, priors: posteriors.size === 0 ? places.map(() => 1 / labels.length) : priorsNow() }
}

/** Each box joins the group whose first box it overlaps most, if its author has none in there. */
function matchBoxes(people: readonly (readonly Box[])[], overlap: number): Box[] {
  const groups: { first: Box; boxes: Box[]; authors: Set<number> }[] = []
  people.forEach((boxes, author) => {
    for (const box of boxes) {
      const best = groups
        .filter(group => !group.authors.has(author) && boxOverlap(group.first, box) >= overlap)
        .sort((a, b) => boxOverlap(b.first, box) - boxOverlap(a.first, box))[0]
      if (best) {
        best.boxes.push(box)
        best.authors.add(author)
      } else groups.push({ first: box, boxes: [box], authors: new Set([author]) })
    }
  })
  const middle = (boxes: readonly Box[], edge: (box: Box) => number) => medianOf(boxes.map(edge)) ?? 0
  return groups
    .filter(group => group.authors.size * 2 > people.length)
    .map(({ boxes }): Box => {
      const [left, top] = [middle(boxes, ([x]) => x), middle(boxes, ([, y]) => y)]
      const right = middle(boxes, ([x, , width]) => x + width)
      const bottom = middle(boxes, ([, y, , height]) => y + height)
      return [left, top, right - left, bottom - top]
    })
}
