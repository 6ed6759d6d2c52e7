/** `[x, y, width, height]`, px, top-left origin. */
export type Box = readonly [number, number, number, number]

export interface FoundBox {
  box: Box
  label: string
  /** 0–1. */
  score: number
}

/** Shared area over the area of both, 0–1. */
export function intersectionOverUnion(a: Box, b: Box): number {
  const width = Math.min(a[0] + a[2], b[0] + b[2]) - Math.max(a[0], b[0])
  const height = Math.min(a[1] + a[3], b[1] + b[3]) - Math.max(a[1], b[1])
  if (width <= 0 || height <= 0) return 0
  const both = width * height
  return both / (a[2] * a[3] + b[2] * b[3] - both)
}

/** From the corners `[x1, y1, x2, y2]`. */
export const boxOfCorners = ([x1, y1, x2, y2]: Box): Box => [x1, y1, x2 - x1, y2 - y1]

/** For each found box of a label, surest first, whether it has a true box of its own: greedy, one to one. */
function matched(found: readonly FoundBox[], truths: readonly Box[], from: number): boolean[] {
  const free = new Set(truths.keys())
  return found.map(({ box }) => {
    let [best, overlap] = [-1, from]
    for (const at of free) {
      const iou = intersectionOverUnion(box, truths[at] as Box)
      if (iou >= overlap) [best, overlap] = [at, iou]
    }
    return best >= 0 && free.delete(best)
  })
}

const labelsOf = (found: readonly FoundBox[], truths: readonly { label: string }[]) =>
  [...new Set([...found, ...truths].map(one => one.label))].sort()

const surest = (found: readonly FoundBox[], label: string) =>
  found.filter(one => one.label === label).sort((a, b) => b.score - a.score)

/** Hits, false alarms and misses of one picture at an overlap of 0.5 unless told; labels never match each other. */
export function detectionCounts(
  found: readonly FoundBox[],
  truths: readonly { box: Box; label: string }[],
  from = 0.5,
): [hits: number, falseAlarms: number, misses: number] {
  const counts: [number, number, number] = [0, 0, 0]
  for (const label of labelsOf(found, truths)) {
    const ofLabel = truths.filter(one => one.label === label).map(one => one.box)
    const hits = matched(surest(found, label), ofLabel, from)
    const right = hits.filter(Boolean).length
    counts[0] += right
    counts[1] += hits.length - right
    counts[2] += ofLabel.length - right
  }
  return counts
}

/** What average precision needs of one picture and label. */
export interface LabelHits {
  label: string
  truths: number
  found: { score: number; hit: boolean }[]
}

export function labelHits(
  found: readonly FoundBox[],
  truths: readonly { box: Box; label: string }[],
  from: number,
): LabelHits[] {
  return labelsOf(found, truths).map(label => {
    const ofLabel = surest(found, label)
    const boxes = truths.filter(one => one.label === label).map(one => one.box)
    const hits = matched(ofLabel, boxes, from)
    return {
      label,
      truths: boxes.length,
      found: ofLabel.map(({ score }, at) => ({ score, hit: hits[at] === true })),
    }
  })
}

/**
 * Mean over labels of average precision at 101 recalls, as COCO does it (Lin 2014): 0–1. Labels without a true box do
 * not count; null without any.
 */
export function meanAveragePrecision(pictures: readonly (readonly LabelHits[])[]): number | null {
  const byLabel = new Map<string, { truths: number; found: LabelHits['found'] }>()
  for (const { label, truths, found } of pictures.flat()) {
    const all = byLabel.get(label) ?? { truths: 0, found: [] }
    all.truths += truths
    all.found.push(...found)
    byLabel.set(label, all)
  }
  const precisions = [...byLabel.values()].filter(one => one.truths > 0).map(averagePrecision)
  return precisions.length === 0 ? null : precisions.reduce((sum, one) => sum + one, 0) / precisions.length
}

function averagePrecision({ truths, found }: { truths: number; found: LabelHits['found'] }): number {
  const ranked = [...found].sort((a, b) => b.score - a.score)
  let hits = 0
  const curve = ranked.map(({ hit }, at) => {
    if (hit) hits += 1
    return { precision: hits / (at + 1), recall: hits / truths }
  })
  for (let at = curve.length - 2; at >= 0; at--) {
    const [here, next] = [curve[at], curve[at + 1]]
    if (here && next) here.precision = Math.max(here.precision, next.precision)
  }
  let sum = 0
  for (let step = 0; step <= 100; step++)
    sum += curve.find(point => point.recall >= step / 100 - 1e-12)?.precision ?? 0
  return sum / 101
}

/** The ten overlaps that COCO averages over: 0.5, 0.55, … 0.95. */
export const cocoOverlaps = Array.from({ length: 10 }, (_, at) => 0.5 + at * 0.05)
