import type { Mode } from './project-settings'

/** How a price multiplier follows from demand. `cap` and `automaticUpTo` are multipliers, 1 or more. */
export interface SurgeRule {
  /** How much of the demand above the usual level goes into the multiplier. */
  slope: number
  /** No multiplier is ever higher. */
  cap: number
  /** Up to here a multiplier may apply by itself, where the project lets the model act; above it a person has to say so. */
  automaticUpTo: number
}

export interface Surge {
  /** What the formula gives, capped. */
  derived: number
  /** The cap cut it. */
  capped: boolean
  /** What applies now. */
  inForce: number
  /** `automatic`: applies by itself. `confirmed`: a person accepted or gave the number. `waiting`: nobody has yet. */
  state: 'automatic' | 'confirmed' | 'waiting'
}

/** The formula in words, as the page shows it. */
export const surgeFormula = 'multiplier = 1 + slope × (demand ÷ usual − 1), at least 1, at most the cap'

/** Multipliers are given in steps of this size. */
const step = 0.05

/**
 * The multiplier that follows from the demand of a period: 1 + slope × (demand ÷ usual − 1), rounded to 0.05, at least
 * 1, at most the cap. It is derived, never predicted. Without a person it applies only where the project's mode is
 * `automate`, and never above `automaticUpTo`; what waits for a person applies up to nothing but 1.
 *
 * @param usual the level at which the multiplier is 1; null where it isn't known, then nothing is derived.
 */
export function surgeOf(
  demand: number,
  usual: number | null,
  rule: SurgeRule,
  by: { mode: Mode; confirmed: boolean },
): Surge | null {
  if (usual === null || usual <= 0 || !Number.isFinite(demand)) return null
  const raw = Math.max(1, 1 + rule.slope * (demand / usual - 1))
  const capped = raw > rule.cap
  // From below, so that rounding never lifts a multiplier over a limit.
  const derived = Math.min(rule.cap, Math.floor(raw / step + 1e-9) * step)
  const rounded = Math.round(derived * 100) / 100
  if (rounded <= 1)
    return { derived: 1, capped: false, inForce: 1, state: by.confirmed ? 'confirmed' : 'automatic' }
  if (by.confirmed) return { derived: rounded, capped, inForce: rounded, state: 'confirmed' }
  const alone = by.mode === 'automate' && rounded <= rule.automaticUpTo
  return { derived: rounded, capped, inForce: alone ? rounded : 1, state: alone ? 'automatic' : 'waiting' }
}
