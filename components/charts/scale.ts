/** Ends of an axis around some values, with a little room; never of no width. */
export function endsOf(
  values: readonly number[],
  { zero = false }: { zero?: boolean } = {},
): [number, number] {
  const all = zero ? [0, ...values] : values
  const [low, high] = [Math.min(...all), Math.max(...all)]
  const room = (high - low || Math.abs(high) || 1) * 0.08
  return [zero && low === 0 ? 0 : low - room, high + room]
}

/** A value's place between two pixels. */
export const placeOf =
  ([from, to]: readonly [number, number], [start, end]: readonly [number, number]) =>
  (value: number): number =>
    start + ((value - from) / (to - from)) * (end - start)

/** Four even steps of an axis. */
export const ticksOf = ([from, to]: readonly [number, number]): number[] =>
  [0, 0.25, 0.5, 0.75, 1].map(share => from + share * (to - from))
