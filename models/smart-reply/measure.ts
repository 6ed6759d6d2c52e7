import type { ThresholdMeasure } from '@/domain/guardrails'
import { wilson } from '../statistics'
import { type Calibration, confidenceOf, type Source } from './suggest'

/** One suggestion with its verdict: what calibration and thresholds are computed from. */
export interface Judged {
  message: string
  /** Similarity 0–1 of the example, or of the nearest one for a plain reply. */
  score: number
  source: Source
  usable: boolean
  /** How much it counts in fitting; 1 when absent. */
  weight?: number
}

/** Logistic regression by gradient descent with a trace of ridge, which keeps separable data finite; deterministic. */
export function fitCalibration(
  rows: readonly Pick<Judged, 'score' | 'source' | 'usable' | 'weight'>[],
): Calibration {
  // Centred and stretched, so that descent is quick in every direction.
  const centre = 0.5
  const stretch = 6
  const total = rows.reduce((sum, row) => sum + (row.weight ?? 1), 0)
  const fit: Calibration = { bias: 0, score: 0, decision: 0, question: 0 }
  const ridge = 1e-4
  for (let step = 0; step < 6000; step++) {
    const gradient = { bias: 0, score: 0, decision: 0, question: 0 }
    for (const { score, source, usable, weight = 1 } of rows) {
      const x = (score - centre) * stretch
      const error = weight * (confidenceOf(fit, x, source) - (usable ? 1 : 0))
      gradient.bias += error
      gradient.score += error * x
      if (source !== 'example') gradient[source] += error
    }
    fit.bias -= gradient.bias / total
    fit.score -= gradient.score / total + ridge * fit.score
    fit.decision -= gradient.decision / total + ridge * fit.decision
    fit.question -= gradient.question / total + ridge * fit.question
  }
  const round = (x: number) => Math.round(x * 1000) / 1000
  const slope = fit.score * stretch
  return {
    bias: round(fit.bias - slope * centre),
    score: round(slope),
    decision: round(fit.decision),
    question: round(fit.question),
  }
}

/** Precision of what would be shown and coverage of messages at each threshold. */
export function measureThresholds(
  rows: readonly Judged[],
  confidences: readonly number[],
  messages: number,
  thresholds: readonly number[],
): ThresholdMeasure[] {
  return thresholds.map(threshold => {
    const shown = rows.filter((_, i) => (confidences[i] as number) >= threshold)
    const covered = new Set(shown.map(row => row.message)).size
    return {
      threshold,
      precision: wilson(shown.filter(row => row.usable).length, shown.length),
      coverage: wilson(covered, messages) ?? { value: 0, low: 0, high: 0, n: 0 },
    }
  })
}

/** Mean distance between confidence and what came true, over ten bins weighted by size: 0 is perfect. */
export function calibrationError(confidences: readonly number[], usable: readonly boolean[]): number {
  let error = 0
  for (let bin = 0; bin < 10; bin++) {
    const rows = confidences.flatMap((value, i) => (Math.min(9, Math.floor(value * 10)) === bin ? [i] : []))
    if (rows.length === 0) continue
    const mean = rows.reduce((sum, i) => sum + (confidences[i] as number), 0) / rows.length
    const came = rows.filter(i => usable[i]).length / rows.length
    error += (rows.length / confidences.length) * Math.abs(mean - came)
  }
  return error
}
