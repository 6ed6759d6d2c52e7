import 'server-only'

/** A slice's value as rows are counted by it; null where an input has none. */
export const sliceText = (value: string | number | boolean | null | undefined): string | null =>
  value === null || value === undefined ? null : String(value)
