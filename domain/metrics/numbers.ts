/** Absolute error, its square, its share of the truth (null at zero, of which no share exists). */
export function errorsOf(
  predicted: number,
  truth: number,
): { absolute: number; squared: number; share: number | null } {
  const absolute = Math.abs(predicted - truth)
  return { absolute, squared: absolute ** 2, share: truth === 0 ? null : absolute / Math.abs(truth) }
}

/** Precision, recall and F1 (0–1) of hits, false alarms and misses; null where there is nothing to be right about. */
export function f1Of(
  hits: number,
  falseAlarms: number,
  misses: number,
): { precision: number | null; recall: number | null; f1: number | null } {
  return {
    precision: hits + falseAlarms === 0 ? null : hits / (hits + falseAlarms),
    recall: hits + misses === 0 ? null : hits / (hits + misses),
    f1: hits + falseAlarms + misses === 0 ? null : (2 * hits) / (2 * hits + falseAlarms + misses),
  }
}

export const calibrationBins = 10

/** Into which tenth a confidence falls, 0–9. */
export const binOf = (confidence: number): number =>
  Math.min(calibrationBins - 1, Math.max(0, Math.floor(confidence * calibrationBins + 1e-9)))

/** Of one row: for each tenth of the confidence how many rows, their confidence, how many of them were right. */
export function calibrationParts(confidence: number, right: boolean): number[] {
  const parts = new Array<number>(calibrationBins * 3).fill(0)
  const at = binOf(confidence) * 3
  parts[at] = 1
  parts[at + 1] = confidence
  parts[at + 2] = right ? 1 : 0
  return parts
}

/** Expected calibration error of summed parts (Naeini 2015), ten bins of equal width: 0 is perfect. Null of nothing. */
export function calibrationError(parts: readonly number[]): number | null {
  let [n, sum] = [0, 0]
  for (let at = 0; at < calibrationBins * 3; at += 3) {
    n += parts[at] ?? 0
    sum += Math.abs((parts[at + 1] ?? 0) - (parts[at + 2] ?? 0))
  }
  return n === 0 ? null : sum / n
}

/** Brier score of one row (1950): squared distance of confidence and outcome. */
export const brierOf = (confidence: number, right: boolean): number => (confidence - (right ? 1 : 0)) ** 2
