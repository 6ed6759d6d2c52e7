import type { FeedbackFilter } from '@/contract/v1/feedback'

/** The names of the filter in the address, in the order of their tokens. */
export const filterNames = [
  'text',
  'show',
  'state',
  'version',
  'arm',
  'blind',
  'holdback',
  'confidenceFrom',
  'confidenceTo',
  'editFrom',
  'editTo',
  'tag',
  'attribute',
  'group',
  'import',
  'excluded',
  'from',
  'to',
  'simulated',
] as const
export type FilterName = (typeof filterNames)[number]

export type FilterValues = Partial<Record<FilterName, string>>

/** A filter as the address holds it: what stands at its default is left out. */
export function filterValues(filter: FeedbackFilter): FilterValues {
  const values: FilterValues = {}
  for (const name of filterNames) {
    const value = filter[name]
    if (value !== undefined && !(name === 'simulated' && value === 'exclude')) values[name] = String(value)
  }
  return values
}

/** The address of the page with these parameters, empty ones left out. */
export function feedbackHref(slug: string, params: Record<string, string | undefined>): string {
  const given = Object.entries(params).filter((entry): entry is [string, string] => Boolean(entry[1]))
  const query = new URLSearchParams(given).toString()
  return `/p/${slug}/feedback${query ? `?${query}` : ''}`
}

/** The address of the download of what a filter lets through, relative to the API. */
export function exportPath(slug: string, filter: FilterValues, format: 'jsonl' | 'csv'): string {
  return `/api/v1/projects/${slug}/feedback/export?${new URLSearchParams({ format, ...filter })}`
}

/** The same download by `curl`, ready to paste into a shell: single quotes keep every character as it is. */
export function curlLine(origin: string, path: string): string {
  return `curl -fOJ --compressed -H "Authorization: Bearer $AMEND_KEY" '${origin}${path.replaceAll("'", '%27')}'`
}
