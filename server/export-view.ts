import 'server-only'
import { exportQuery, feedbackFilter } from '@/contract/v1/feedback'
import { AmendError } from '@/domain/errors'
import type { ProjectScope } from './access'
import { exportFeedback, type FeedbackExport } from './export-feedback'
import { listViews } from './list-views'

export interface ViewWish {
  /** A filter as the address of the explorer holds it, with or without the address. */
  filter?: string | undefined
  /** A shared view instead, by name or id. */
  view?: string | undefined
  format: string
  formulas: string
}

/** Names of the address that only say how rows are drawn. */
const drawing = ['columns', 'view', 'order', 'item', 'at', 'cursor']

/**
 * The download of a filter or a saved view, asked for in words.
 *
 * @throws AmendError invalid_input naming the field, not_found (the view), too_many_requests
 */
export async function exportView(scope: ProjectScope, wish: ViewWish): Promise<FeedbackExport> {
  const wanted = wish.view ? await queryOfView(scope, wish.view) : queryOfFilter(wish.filter ?? '')
  const parsed = exportQuery.safeParse({ ...wanted, format: wish.format, formulas: wish.formulas })
  if (!parsed.success) {
    const [issue] = parsed.error.issues
    const field = String(issue?.path[0])
    throw new AmendError('invalid_input', `${field}: ${issue?.message}.`, { field })
  }
  return exportFeedback(scope, parsed.data)
}

async function queryOfView(scope: ProjectScope, named: string): Promise<Record<string, unknown>> {
  const { views } = await listViews(scope)
  const found = views.find(view => view.id === named || view.name === named)
  if (!found) {
    const names = views.map(view => `“${view.name}”`).join(', ')
    throw new AmendError(
      'not_found',
      `There is no shared view “${named}”. ${names ? `There are: ${names}.` : 'None was saved yet.'}`,
    )
  }
  const { order: _, ...query } = found.query
  return query
}

function queryOfFilter(filter: string): Record<string, string> {
  const given = new URLSearchParams(filter.replace(/^.*\?/, ''))
  const known = Object.keys(feedbackFilter.shape)
  for (const field of given.keys())
    if (!known.includes(field) && !drawing.includes(field))
      throw new AmendError('invalid_input', `${field}: is no filter. There are: ${known.join(', ')}.`, {
        field,
      })
  return Object.fromEntries([...given].filter(([name, value]) => known.includes(name) && value !== ''))
}
