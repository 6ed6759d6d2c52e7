/** ln Γ(x) for x > 0 (Lanczos, g = 7, nine terms; relative error below 1e-13). */
function logGamma(x: number): number {
  if (x < 0.5) return Math.log(Math.PI / Math.sin(Math.PI * x)) - logGamma(1 - x)
  const terms = [
    0.99999999999980993, 676.5203681218851, -1259.1392167224028, 771.32342877765313, -176.61502916214059,
    12.507343278686905, -0.13857109526572012, 9.9843695780195716e-6, 1.5056327351493116e-7,
  ]
  const at = x - 1
  const base = at + 7.5
  const sum = terms.slice(1).reduce((all, term, i) => all + term / (at + i + 1), terms[0] as number)
  return 0.5 * Math.log(2 * Math.PI) + (at + 0.5) * Math.log(base) - base + Math.log(sum)
}

/** Q(a, x), the upper regularised incomplete gamma function: by its series below a + 1, by Lentz's fraction above. */
function upperGamma(a: number, x: number): number {
  if (x <= 0) return 1
  const scale = Math.exp(-x + a * Math.log(x) - logGamma(a))
  if (x < a + 1) {
    let term = 1 / a
    let sum = term
    for (let n = 1; n < 1000 && term > sum * 1e-16; n++) {
      term *= x / (a + n)
      sum += term
    }
    return Math.max(0, 1 - sum * scale)
  }
  const tiny = 1e-300
  let b = x + 1 - a
  let c = 1 / tiny
  let d = 1 / b
  let fraction = d
  for (let i = 1; i < 1000; i++) {
    const step = -i * (i - a)
    b += 2
    d = 1 / (step * d + b || tiny)
    c = b + step / c || tiny
    fraction *= d * c
    if (Math.abs(d * c - 1) < 1e-15) break
  }
  return scale * fraction
}

/** P(X ≥ statistic) of a χ² distribution with so many degrees of freedom; 0–1. */
export const chiSquareTail = (statistic: number, degrees: number): number =>
  degrees <= 0 ? 1 : upperGamma(degrees / 2, statistic / 2)

/** The value that a χ² distribution stays below with this probability (0–1, below 1). */
export function chiSquareCut(probability: number, degrees: number): number {
  let [low, high] = [0, Math.max(10, degrees * 2)]
  while (chiSquareTail(high, degrees) > 1 - probability) high *= 2
  for (let step = 0; step < 80; step++) {
    const middle = (low + high) / 2
    if (chiSquareTail(middle, degrees) > 1 - probability) low = middle
    else high = middle
  }
  return (low + high) / 2
}

/** P(|Z| ≥ |z|) of a standard normal Z; 0–1. */
export const normalTwoSided = (z: number): number => chiSquareTail(z * z, 1)

/** P(K ≥ x) of the Kolmogorov distribution: 2 Σ (−1)^(k−1) e^(−2k²x²). */
export function kolmogorovTail(x: number): number {
  if (x < 0.2) return 1
  let sum = 0
  for (let k = 1; k <= 100; k++) {
    const term = Math.exp(-2 * k * k * x * x)
    sum += k % 2 === 1 ? term : -term
    if (term < 1e-17) break
  }
  return Math.min(1, Math.max(0, 2 * sum))
}

/** P(Z ≥ z) of a standard normal Z; 0–1. */
export const normalTail = (z: number): number => (z > 0 ? normalTwoSided(z) / 2 : 1 - normalTwoSided(z) / 2)

/** The z that a standard normal Z exceeds with this probability (0–0.5). */
export const normalCut = (probability: number): number => Math.sqrt(chiSquareCut(1 - 2 * probability, 1))
