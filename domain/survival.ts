/** How many decided, and how many were given up on undecided, at (or in the bin that ends at) this time. */
export interface TimeStep {
  /** Milliseconds, or any unit that is the same throughout. */
  at: number
  decided: number
  /** Still undecided when last seen: ignored, or not over yet. */
  censored: number
}

export interface SurvivalPoint {
  at: number
  /** Share still undecided just after, 0–1, with Greenwood's 95 % interval. */
  undecided: number
  low: number
  high: number
  atRisk: number
}

/**
 * Kaplan–Meier of time to decision: those who never decide are right-censored and not left out, since leaving them out
 * makes people look quicker than they are. Steps in any order; those at the same time are joined.
 */
export function kaplanMeier(steps: readonly TimeStep[]): SurvivalPoint[] {
  const joined = new Map<number, { decided: number; censored: number }>()
  for (const { at, decided, censored } of steps) {
    const of = joined.get(at) ?? { decided: 0, censored: 0 }
    joined.set(at, { decided: of.decided + decided, censored: of.censored + censored })
  }
  let atRisk = steps.reduce((all, step) => all + step.decided + step.censored, 0)
  let [undecided, greenwood] = [1, 0]
  const points: SurvivalPoint[] = []
  for (const [at, { decided, censored }] of [...joined].sort((a, b) => a[0] - b[0])) {
    if (decided > 0) {
      undecided *= 1 - decided / atRisk
      greenwood += atRisk > decided ? decided / (atRisk * (atRisk - decided)) : 0
      const half = 1.959964 * undecided * Math.sqrt(greenwood)
      points.push({
        at,
        undecided,
        low: Math.max(0, undecided - half),
        high: Math.min(1, undecided + half),
        atRisk,
      })
    }
    atRisk -= decided + censored
  }
  return points
}

/** The first time at which no more than this share is undecided, as .5 for the median; null where it never comes to that. */
export function timeUntil(points: readonly SurvivalPoint[], share = 0.5): number | null {
  return points.find(point => point.undecided <= share + 1e-12)?.at ?? null
}
