/**
 * Milliseconds that only ever grow, for measuring how long something took. Never for deciding when something
 * happened: that is the database's clock (`amend.now()`).
 */
export function monotonicMs(): number {
  return performance.now()
}

/** "0.42 s" or "1 min 5 s", for the console. */
export function formatDuration(ms: number): string {
  if (ms < 60_000) return `${(ms / 1000).toFixed(ms < 10_000 ? 2 : 1)} s`
  return `${Math.floor(ms / 60_000)} min ${Math.round((ms % 60_000) / 1000)} s`
}
