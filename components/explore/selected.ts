/** Rows that somebody has selected, by exposure: some of them, or all that the filter lets through but a few. */
export type Selected =
  | { kind: 'some'; ids: ReadonlySet<string> }
  | { kind: 'all'; except: ReadonlySet<string> }

export const selectNothing: Selected = { kind: 'some', ids: new Set() }

const flipped = (set: ReadonlySet<string>, id: string) => {
  const next = new Set(set)
  if (!next.delete(id)) next.add(id)
  return next
}

export const isChosen = (selected: Selected, id: string) =>
  selected.kind === 'all' ? !selected.except.has(id) : selected.ids.has(id)

export const toggled = (selected: Selected, id: string): Selected =>
  selected.kind === 'all'
    ? { kind: 'all', except: flipped(selected.except, id) }
    : { kind: 'some', ids: flipped(selected.ids, id) }

/** All of these too. */
export function withRange(selected: Selected, ids: readonly string[]): Selected {
  if (selected.kind === 'some') return { kind: 'some', ids: new Set([...selected.ids, ...ids]) }
  const except = new Set(selected.except)
  for (const id of ids) except.delete(id)
  return { kind: 'all', except }
}

/** How many rows; null for all that match, whose number is not known here. */
export const chosenCount = (selected: Selected): number | null =>
  selected.kind === 'all' ? null : selected.ids.size
