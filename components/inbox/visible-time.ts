interface Sight {
  since: number | null
  total: number
  timer: ReturnType<typeof setTimeout> | null
}

const seenAfterMs = 500

/** How long each thread's suggestions were really in view, by the monotonic clock; tells once half a second is reached. */
export function createVisibleTime(onSeen: (key: string) => void) {
  const sights = new Map<string, Sight>()

  /** Milliseconds in view so far. */
  function visibleMs(key: string): number {
    const sight = sights.get(key)
    if (!sight) return 0
    return Math.round(sight.total + (sight.since === null ? 0 : performance.now() - sight.since))
  }

  function set(key: string, visible: boolean, tell: boolean): void {
    const sight = sights.get(key) ?? { since: null, total: 0, timer: null }
    sights.set(key, sight)
    if (sight.timer) clearTimeout(sight.timer)
    sight.timer = null
    if (visible && sight.since === null) sight.since = performance.now()
    if (!visible && sight.since !== null) {
      sight.total += performance.now() - sight.since
      sight.since = null
    }
    if (visible && tell)
      sight.timer = setTimeout(() => onSeen(key), Math.max(0, seenAfterMs - visibleMs(key)))
  }

  return { visibleMs, set, forget: (key: string) => void sights.delete(key) }
}
