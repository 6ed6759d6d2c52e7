import { mixtureRatio } from './false-alarms'
import type { RollbackRule } from './project-settings'

/** How often, at most, a version that keeps its bounds is rolled back in its whole life. A choice. */
const falseRollbacks = 0.05
/** τ²: breaches of about a tenth are worth finding. A choice. */
const spread = 0.01

export interface RollbackLook {
  /** Share found; null of nothing. */
  value: number | null
  n: number
  /** How much likelier a breach is than none; null while there is too little to look at. */
  ratio: number | null
  /** At which ratio the version leaves. */
  alarmAt: number
  breached: boolean
}

/** Which window of a rule an instant lies in, counted from when the version began to answer, and when that began. */
export function windowOf(
  rule: RollbackRule,
  sinceMs: number,
  nowMs: number,
): { window: number; startMs: number } {
  const lengthMs = rule.windowHours * 3_600_000
  const window = Math.max(0, Math.floor((nowMs - sinceMs) / lengthMs))
  return { window, startMs: sinceMs + window * lengthMs }
}

/**
 * Looks at a measure as often as one likes: the sequential test of Johari and others on the share above its bound, in
 * one window after the other. Window k may be wrong a share 6α/(π²(k+1)²) of the time, which sums to α over all.
 *
 * @param window 0, 1, …
 */
export function judgeRollback(
  rule: Pick<RollbackRule, 'bound' | 'leastN'>,
  { hits, n }: { hits: number; n: number },
  window: number,
): RollbackLook {
  const alarmAt = 1 / ((falseRollbacks * 6) / (Math.PI ** 2 * (window + 1) ** 2))
  const value = n === 0 ? null : hits / n
  if (value === null || n < rule.leastN) return { value, n, ratio: null, alarmAt, breached: false }
  const mean = value - rule.bound
  // At the bound itself; one of 0 or 1 has no spread of its own, and a single case is then told by the least n.
  const variance = Math.max(rule.bound * (1 - rule.bound), 0.0001)
  const ratio = mixtureRatio({ n, mean, variance, spread })
  return { value, n, ratio, alarmAt, breached: mean > 0 && ratio >= alarmAt }
}
