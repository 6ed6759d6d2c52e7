import { chiSquareTail } from './distribution'
import { fnv1a64 } from './guardrails'

/** What an exposure was: answered by the live version, by the one on trial, or left out on purpose. */
export const arms = ['live', 'canary', 'holdback'] as const
export type Arm = (typeof arms)[number]

/** No project may leave out more of its suggestions than this to measure what they change. */
export const mostHeldBack = 0.05

/** The largest share of exposures whose order may be drawn by lot, by what a wrong output can cause. A choice. */
export const mostExplored: Readonly<Record<'low' | 'medium' | 'high', number>> = {
  low: 0.2,
  medium: 0.05,
  high: 0,
}

/** Where names lie between 0 (in) and 1 (out): the same names always at the same place, others independently of it. */
export function placeOf(...names: readonly string[]): number {
  const mask = 0xffffffffffffffffn
  // The finalizer of MurmurHash3 (Appleby, public domain): FNV alone spreads names that differ in few letters badly.
  let hash = fnv1a64(names.join('\n'))
  hash = ((hash ^ (hash >> 33n)) * 0xff51afd7ed558ccdn) & mask
  hash = ((hash ^ (hash >> 33n)) * 0xc4ceb9fe1a85ec53n) & mask
  hash ^= hash >> 33n
  return Number(hash >> 11n) / 2 ** 53
}

/** A version that answers for a share (0–1) of the people. */
export interface Canary {
  versionId: string
  share: number
}

/** Whether a person is among those whom a version on trial answers. A larger share only adds people. */
export function isInCanary(projectId: string, actorId: string, canary: Canary): boolean {
  return placeOf(projectId, `canary ${canary.versionId}`, actorId) < canary.share
}

/**
 * Who answers a person, and whether what they would see is left out to measure what suggestions change. The version is
 * drawn by person, so that nobody meets two; leaving out is drawn by person and item, so that asking again gives the
 * same, and nobody goes without for good. The two draws are independent.
 *
 * @param holdbackShare 0 to 0.05
 */
export function assignArm(
  unit: { projectId: string; actorId: string; itemId: string },
  { canary, holdbackShare }: { canary: Canary | null; holdbackShare: number },
): { arm: 'live' | 'canary'; heldBack: boolean } {
  const onTrial = canary !== null && isInCanary(unit.projectId, unit.actorId, canary)
  const heldBack =
    placeOf(unit.projectId, 'holdback', unit.actorId, unit.itemId) < Math.min(holdbackShare, mostHeldBack)
  return { arm: onTrial ? 'canary' : 'live', heldBack }
}

/** Candidates in the order in which they are shown, each with the probability (0–1) that it stands at its rank. */
export interface Ordered<Candidate> {
  candidates: Candidate[]
  propensities: number[]
}

/**
 * With probability `share` draws the order of candidates by lot, each order alike; else leaves it. The propensity of a
 * candidate at its rank is `share`/n, and 1 − `share` more where it stands at the rank that the model gave it.
 *
 * @param share 0–1
 * @param seed decides the lot: fresh and unguessable for each exposure
 */
export function exploreOrder<Candidate>(
  candidates: readonly Candidate[],
  share: number,
  seed: string,
): Ordered<Candidate> {
  const n = candidates.length
  if (n < 2 || share <= 0) return { candidates: [...candidates], propensities: candidates.map(() => 1) }
  const order = candidates.map((_, at) => at)
  if (placeOf(seed, 'explore') < share)
    for (let at = n - 1; at > 0; at--) {
      const other = Math.floor(placeOf(seed, 'order', String(at)) * (at + 1))
      const moved = order[at] as number
      order[at] = order[other] as number
      order[other] = moved
    }
  return {
    candidates: order.map(at => candidates[at] as Candidate),
    propensities: order.map((from, rank) => (from === rank ? 1 - share + share / n : share / n)),
  }
}

/** How unlikely the found division is when units are drawn as planned; below `ratioLimit` the experiment says nothing. */
export interface RatioCheck {
  chiSquare: number
  p: number
  /** The division is not the planned one: something loses or adds units of one arm. */
  mismatch: boolean
}

/** A choice: one false alarm in a thousand looks. */
export const ratioLimit = 0.001

/**
 * Sample-ratio mismatch: χ² of units found in each arm against the planned shares (Fabijan et al., KDD 2019). Null
 * where nothing was found or an arm is planned to be empty.
 */
export function checkArmRatio(found: readonly number[], plannedShares: readonly number[]): RatioCheck | null {
  const n = found.reduce((sum, one) => sum + one, 0)
  const all = plannedShares.reduce((sum, one) => sum + one, 0)
  if (n === 0 || plannedShares.some(share => share <= 0) || found.length !== plannedShares.length) return null
  const chiSquare = found.reduce((sum, one, at) => {
    const expected = (n * (plannedShares[at] ?? 0)) / all
    return sum + (one - expected) ** 2 / expected
  }, 0)
  const p = chiSquareTail(chiSquare, found.length - 1)
  return { chiSquare, p, mismatch: p < ratioLimit }
}
