/**
 * How many of a thing's events are on their way, and when the last one was stored: what the server says about the thing
 * counts only where it was asked later than that.
 */
export function createFlights(clock: () => number) {
  const flights = new Map<string, { waiting: number; storedAt: number }>()
  const read = (key: string) => flights.get(key) ?? { waiting: 0, storedAt: Number.NEGATIVE_INFINITY }
  return {
    left(key: string, count = 1) {
      const { waiting, storedAt } = read(key)
      flights.set(key, { waiting: waiting + count, storedAt })
    },
    /** One was answered, perhaps to another tab that had sent it. */
    landed(key: string) {
      flights.set(key, { waiting: Math.max(0, read(key).waiting - 1), storedAt: clock() })
    },
    /** Whether the server's word about it, asked for at this moment, is older than what was decided here. */
    isOld(key: string, askedAt: number): boolean {
      const { waiting, storedAt } = read(key)
      return waiting > 0 || storedAt > askedAt
    },
  }
}
