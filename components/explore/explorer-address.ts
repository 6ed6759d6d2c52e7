import { type FilterName, type FilterValues, feedbackHref, filterNames } from '../study/feedback-address'

/** What the address of the explorer holds besides its filter: how rows are drawn, and under which saved view. */
export interface ExplorerAddress extends FilterValues {
  order?: string | undefined
  /** Names of columns, separated by commas. */
  columns?: string | undefined
  /** The saved view or slice that this is, or was before it was changed. */
  view?: string | undefined
}

export const filterOf = (address: ExplorerAddress): FilterValues =>
  Object.fromEntries(filterNames.flatMap(name => (address[name] ? [[name, address[name]]] : [])))

/** The same rows drawn the same way, with some parts changed; from the first page on. */
export const changedHref = (slug: string, address: ExplorerAddress, change: ExplorerAddress) =>
  feedbackHref(slug, { ...address, ...change })

/** Another filter altogether: what stays is how rows are drawn. */
export const freshHref = (slug: string, { columns }: ExplorerAddress, filter: ExplorerAddress) =>
  feedbackHref(slug, { columns, ...filter })

export const isFiltered = (address: FilterValues) =>
  filterNames.some(name => address[name] && name !== 'simulated')

/** Filters that kept counts know; with any other the counts beside it are of more than is listed. */
const counted: readonly FilterName[] = ['state', 'version', 'from', 'to', 'simulated']
export const uncounted = (address: FilterValues): FilterName[] =>
  filterNames.filter(name => address[name] && !counted.includes(name))

/** Whether two filters are the same, whatever else their addresses hold. */
export const sameFilter = (a: FilterValues, b: Record<string, unknown>) =>
  filterNames.every(name => (a[name] ?? '') === String(b[name] ?? ''))
