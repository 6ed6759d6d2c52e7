/** What a report, a gate and a list of rows call the slices that people saved in the explorer; the value is the slice's name. */
export const savedSlice = 'saved slice'

/** A slice of the explorer as it stood when an evaluation began: which items it held is known from this rule alone. */
export interface SavedSlice {
  id: string
  /** Its name; of two alike the later one has its number behind it. */
  name: string
  /** Its filter, as the address of the explorer holds it. */
  query: Record<string, unknown>
}

type SliceValues = Readonly<Record<string, string | number | boolean | null>>

const prefix = `${savedSlice}: `

/** Under which attribute a measured row keeps whether it lay in the slice: true or false. */
export const savedKey = (name: string): string => `${prefix}${name}`

/** The name of the slice whose attribute this is; null of an attribute that an item was brought with. */
export const savedName = (key: string): string | null =>
  key.startsWith(prefix) ? key.slice(prefix.length) : null

/** An input's own attributes with those of the slices that its item lies in. Nothing brought along passes for one of them. */
export function withSaved(
  own: SliceValues,
  slices: readonly SavedSlice[],
  lies: (slice: SavedSlice) => boolean,
): Record<string, string | number | boolean | null> {
  const brought = Object.entries(own).filter(([key]) => key !== savedSlice && savedName(key) === null)
  return Object.fromEntries([
    ...brought,
    ...slices.map(slice => [savedKey(slice.name), lies(slice)] as const),
  ])
}

/** Names by which slices can be told apart, in the order given. */
export function named(slices: readonly SavedSlice[]): SavedSlice[] {
  const taken = new Set<string>()
  return slices.map(slice => {
    let name = slice.name
    for (let number = 2; taken.has(name); number++) name = `${slice.name} (${number})`
    taken.add(name)
    return { ...slice, name }
  })
}

/** Whether a row lies in the slice that a gate names by attribute and value. */
export const liesIn = (row: SliceValues, slice: string, value: string): boolean =>
  slice === savedSlice ? row[savedKey(value)] === true : String(row[slice] ?? '') === value
