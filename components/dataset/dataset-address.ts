import type { FilterValues } from '../study/feedback-address'

/** The list, or the form there with a feedback filter filled in. */
export function makeDatasetHref(slug: string, values: FilterValues = {}): string {
  return `/p/${slug}/datasets?${new URLSearchParams({ make: '1', ...values })}`
}
