import { normalTwoSided } from './distribution'
import { alphaInvesting } from './false-alarms'
import { enough } from './interval'

/** Losses of one group of rows, summed: what is kept, so that nothing is read row by row. */
export interface Losses {
  n: number
  /** Σ loss */
  sum: number
  /** Σ loss² */
  squares: number
}

/** From this effect on a slice counts as worse. Slice Finder's default (Chung and others 2019). */
export const leastEffect = 0.4

const meanOf = ({ n, sum }: Losses) => sum / n
/** Of the sample; never below nought by rounding. */
const varianceOf = ({ n, sum, squares }: Losses) =>
  n < 2 ? 0 : Math.max(0, (squares - (sum * sum) / n) / (n - 1))

/** √2 (μs − μ̄s) / √(σ²s + σ̄²s): how much worse a slice is than all else; null where neither varies or one is empty. */
export function sliceEffect(slice: Losses, rest: Losses): number | null {
  if (slice.n === 0 || rest.n === 0) return null
  const spread = varianceOf(slice) + varianceOf(rest)
  return spread === 0 ? null : (Math.SQRT2 * (meanOf(slice) - meanOf(rest))) / Math.sqrt(spread)
}

export interface FoundSlice {
  name: string
  n: number
  /** Mean loss, and that of all else. */
  loss: number
  restLoss: number
  effect: number | null
  p: number | null
  /** `insufficient` below 30 on a side; `weak` from the least effect on, and where the test among all of them says so. */
  verdict: 'insufficient' | 'fine' | 'weak'
}

/**
 * Which of the slices are worse than all else, largest first, as Slice Finder tests them: Welch's z, at levels of
 * alpha-investing, and an effect of `leastEffect` at least.
 */
export function findSlices(
  slices: readonly { name: string; losses: Losses }[],
  all: Losses,
  alpha = 0.05,
): FoundSlice[] {
  const measured = slices
    .map(({ name, losses }) => {
      const rest = { n: all.n - losses.n, sum: all.sum - losses.sum, squares: all.squares - losses.squares }
      const few = losses.n < enough || rest.n < enough
      const error = few ? 0 : Math.sqrt(varianceOf(losses) / losses.n + varianceOf(rest) / rest.n)
      return {
        name,
        n: losses.n,
        loss: losses.n > 0 ? meanOf(losses) : 0,
        restLoss: rest.n > 0 ? meanOf(rest) : 0,
        effect: few ? null : sliceEffect(losses, rest),
        p: few || error === 0 ? null : normalTwoSided((meanOf(losses) - meanOf(rest)) / error),
        few,
      }
    })
    .sort((a, b) => b.n - a.n || (a.name < b.name ? -1 : 1))
  const tested = measured.filter(slice => slice.p !== null)
  const invested = alphaInvesting(
    tested.map(slice => slice.p as number),
    alpha,
  )
  return measured.map(({ few, ...slice }) => {
    const worse = invested[tested.findIndex(other => other.name === slice.name)]?.rejected
    const weak = worse && slice.effect !== null && slice.effect >= leastEffect
    return { ...slice, verdict: few ? 'insufficient' : weak ? 'weak' : 'fine' }
  })
}
