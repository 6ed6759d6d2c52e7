/** After fewer answers than this nobody knows a pace. */
const least = 5

/** How long `left` more items take at the pace of these, in words; null while that can't be told. */
export function timeLeft(activeMs: readonly number[], left: number): string | null {
  if (activeMs.length < least || left === 0) return null
  const sorted = [...activeMs].sort((a, b) => a - b)
  const middle = sorted[Math.floor(sorted.length / 2)] ?? 0
  const minutes = Math.max(1, Math.round((middle * left) / 60_000))
  if (minutes < 90) return `about ${minutes} min left`
  return `about ${Math.round(minutes / 60)} h left`
}
