import type { z } from 'zod'
import type { ExplorerAddress } from '@/components/explore/explorer-address'
import { filterNames, filterValues } from '@/components/study/feedback-address'
import type { FeedbackCounts } from '@/contract/v1/explore'
import { countsQuery } from '@/contract/v1/explore'
import { feedbackQuery } from '@/contract/v1/feedback'
import { isAmendError } from '@/domain/errors'
import { type ExploreColumn, exploreColumns, usualColumns } from '@/domain/explore-words'
import type { ProjectScope } from '@/server/access'
import { type FeedbackPageBothWays, type FeedbackQuery, listFeedback } from '@/server/list-feedback'
import { readCounts } from '@/server/read-counts'
import { readTimeline } from '@/server/read-timeline'
import { loadTaskViewer } from '@/tasks/registry'

const pageSize = 50

export interface Problem {
  name: string
  message: string
}

/** One value a name, empty ones left out: an unfilled field of the form is no filter. */
export function onlyGiven(search: Record<string, string | string[] | undefined>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(search).flatMap(([name, value]) => {
      const one = Array.isArray(value) ? value.at(-1) : value
      return one ? [[name, one]] : []
    }),
  )
}

/** The query that an address asks for; of one that can't be read everything, with what is wrong. */
export function readQuery(given: Record<string, string>): { query: FeedbackQuery; problem: Problem | null } {
  const parsed = feedbackQuery.safeParse({ ...given, limit: pageSize })
  if (parsed.success) return { query: parsed.data, problem: null }
  return { query: feedbackQuery.parse({ limit: pageSize }), problem: firstProblem(parsed.error) }
}

function firstProblem(error: z.ZodError): Problem {
  const issue = error.issues[0]
  const name = String(issue?.path[0] ?? 'filter')
  return { name, message: `${name}: ${issue?.message ?? 'does not fit'}.` }
}

/** What stands in the address, also where it can't be read, so that it can be mended. */
export function addressOf(given: Record<string, string>, query: FeedbackQuery): ExplorerAddress {
  const readable = filterValues(query)
  return {
    ...Object.fromEntries(filterNames.flatMap(name => (given[name] ? [[name, given[name]]] : []))),
    ...readable,
    // At its default it is left out.
    simulated: readable.simulated,
    order: query.order === 'oldest' ? 'oldest' : undefined,
    columns: given.columns,
    view: given.view,
  }
}

export function chosenColumns(given: string | undefined): readonly ExploreColumn[] {
  if (!given) return usualColumns
  const names = given.split(',')
  return exploreColumns.filter(column => names.includes(column))
}

export async function readPage(
  scope: ProjectScope,
  query: FeedbackQuery,
): Promise<{ page: FeedbackPageBothWays | null; problem: Problem | null }> {
  try {
    return { page: await listFeedback(scope, query), problem: null }
  } catch (error) {
    if (!isAmendError(error) || error.code !== 'invalid_input') throw error
    return { page: null, problem: { name: error.extras.field ?? 'filter', message: error.detail } }
  }
}

/** Kept counts of the days and decisions of a filter, or of a slice, which counts all of its own. */
export function readCountsOf(
  scope: ProjectScope,
  { state, version, from, to, simulated }: FeedbackQuery,
  slice: string | undefined,
): Promise<FeedbackCounts> {
  return readCounts(
    scope,
    countsQuery.parse(slice ? { slice, simulated } : { state, version, from, to, simulated }),
  )
}

/** The item beside the table; an address that names none of this project's shows the table alone. */
export async function readItem(scope: ProjectScope, itemId: string) {
  try {
    const [timeline, Viewer] = await Promise.all([
      readTimeline(scope, itemId),
      loadTaskViewer(scope.project.taskType),
    ])
    return { timeline, Viewer }
  } catch (error) {
    if (isAmendError(error) && error.code === 'not_found') return null
    throw error
  }
}
