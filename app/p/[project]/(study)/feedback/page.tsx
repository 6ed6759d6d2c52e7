import type { Metadata } from 'next'
import type { z } from 'zod'
import { SaveAsDataset } from '@/components/dataset/save-as-dataset'
import { DownloadMenu } from '@/components/study/download-menu'
import {
  type FilterValues,
  feedbackHref,
  filterNames,
  filterValues,
} from '@/components/study/feedback-address'
import { FeedbackFilters } from '@/components/study/feedback-filters'
import { FeedbackTable } from '@/components/study/feedback-table'
import { ItemPanel } from '@/components/study/item-panel'
import { ButtonLink } from '@/components/ui/button'
import { EmptyState } from '@/components/ui/empty-state'
import { PageHeader } from '@/components/ui/page-header'
import { StatusLane } from '@/components/ui/status-lane'
import { uuid } from '@/contract/v1/common'
import { feedbackQuery } from '@/contract/v1/feedback'
import { isAmendError } from '@/domain/errors'
import { pagePermissions } from '@/domain/page-permission'
import type { ProjectScope } from '@/server/access'
import { databaseNow } from '@/server/append-events'
import { type FeedbackPageBothWays, type FeedbackQuery, listFeedback } from '@/server/list-feedback'
import { listModels } from '@/server/list-models'
import { requireProjectPage } from '@/server/page-access'
import { readTimeline } from '@/server/read-timeline'
import { loadTaskViewer, taskFacts } from '@/tasks/registry'
import type { UsePage } from '@/tasks/task-type'
import styles from './feedback.module.css'

export const metadata: Metadata = { title: 'Feedback' }

interface Props {
  params: Promise<{ project: string }>
  searchParams: Promise<Record<string, string | string[] | undefined>>
}

const pageSize = 50

export default async function FeedbackPage({ params, searchParams }: Props) {
  const { project: slug } = await params
  const given = onlyGiven(await searchParams)
  const scope = await requireProjectPage(slug, 'feedback.view', feedbackHref(slug, given))
  const parsed = feedbackQuery.safeParse({ ...given, limit: pageSize })
  const query = parsed.success ? parsed.data : feedbackQuery.parse({ limit: pageSize })
  const [{ page, problem }, { models }, now, panel] = await Promise.all([
    parsed.success ? readPage(scope, query) : { page: null, problem: firstProblem(parsed.error) },
    listModels(scope),
    databaseNow(),
    uuid.safeParse(given.item).success ? readItem(scope, given.item ?? '') : null,
  ])
  const values = parsed.success
    ? filterValues(query)
    : Object.fromEntries(filterNames.map(name => [name, given[name]]))
  const versions = models.flatMap(model =>
    model.versions.map(v => ({ id: v.id, label: `${model.name} ${v.version}` })),
  )
  const usePage = taskFacts(scope.project.taskType)?.usePage ?? null
  const rows = page?.rows ?? []
  const openAt = rows.findIndex(row => row.exposureId === given.at)
  const hrefAt = (at: number) => {
    const row = rows[at]
    return openAt >= 0 && row
      ? feedbackHref(slug, { ...values, cursor: given.cursor, item: row.itemId, at: row.exposureId })
      : null
  }
  return (
    <>
      <div className={styles.split}>
        <div className={styles.main}>
          <PageHeader
            title="Feedback"
            meta="Every suggestion that was shown or held back, and what people did with it."
            actions={
              <>
                {scope.can('datasets.manage') && !problem ? (
                  <SaveAsDataset slug={slug} values={values} />
                ) : null}
                {scope.can('feedback.download') && !problem ? (
                  <DownloadMenu slug={slug} values={values} mayMakeKeys={scope.can('keys.manage')} />
                ) : null}
              </>
            }
          />
          <FeedbackFilters
            slug={slug}
            values={values}
            versions={versions}
            timeZone={scope.project.timeZone}
            problem={problem}
          />
          {problem ? (
            <EmptyState
              title="This filter can’t be read."
              action={<ButtonLink href={feedbackHref(slug, {})}>Show everything</ButtonLink>}
            >
              {problem.message}
            </EmptyState>
          ) : rows.length > 0 && page ? (
            <FeedbackTable
              slug={slug}
              rows={rows}
              values={values}
              cursor={given.cursor}
              olderCursor={page.nextCursor}
              newerCursor={page.newerCursor}
              openId={given.at}
              now={now}
            />
          ) : (
            <NothingHere
              slug={slug}
              values={values}
              usePage={usePage && scope.can(pagePermissions[usePage]) ? usePage : null}
            />
          )}
        </div>
        {panel ? (
          <ItemPanel
            slug={slug}
            timeline={panel.timeline}
            at={given.at}
            closeHref={feedbackHref(slug, { ...values, cursor: given.cursor })}
            previousHref={hrefAt(openAt - 1)}
            nextHref={hrefAt(openAt + 1)}
            now={now}
          >
            <panel.Viewer payload={panel.timeline.payload} mediaBase={`/api/v1/projects/${slug}/media`} />
          </ItemPanel>
        ) : null}
      </div>
      <StatusLane
        keys={[
          { chords: ['j', 'k'], label: 'move' },
          { chords: 'enter', label: 'open' },
          { chords: '/', label: 'filter' },
          ...(panel
            ? [
                { chords: ['[', ']'], label: 'previous, next' },
                { chords: 'z', label: 'undo' },
                { chords: 'escape', label: 'close' },
              ]
            : []),
        ]}
        state={rows.length === 1 ? '1 row' : `${rows.length} rows${page?.nextCursor ? ', more below' : ''}`}
      />
    </>
  )
}

function NothingHere({
  slug,
  values,
  usePage,
}: {
  slug: string
  values: FilterValues
  usePage: UsePage | null
}) {
  const filtered = filterNames.some(name => values[name] && name !== 'simulated')
  const withSimulated = values.simulated ? null : (
    <ButtonLink href={feedbackHref(slug, { ...values, simulated: 'include' })}>
      Include simulated rows
    </ButtonLink>
  )
  if (filtered) {
    return (
      <EmptyState
        title="Nothing fits this filter."
        action={
          <>
            <ButtonLink href={feedbackHref(slug, {})}>Show everything</ButtonLink>
            {withSimulated}
          </>
        }
      >
        Take one of its parts away, or look at other days.
      </EmptyState>
    )
  }
  return (
    <EmptyState
      title="No feedback yet."
      action={
        <>
          {usePage ? <ButtonLink href={`/p/${slug}/${usePage}`}>To the {usePage}</ButtonLink> : null}
          {withSimulated}
        </>
      }
    >
      A row appears here with the first suggestion that somebody is shown. What a simulation made is left out
      unless you ask for it.
    </EmptyState>
  )
}

/** One value a name, empty ones left out: an unfilled field of the form is no filter. */
function onlyGiven(search: Record<string, string | string[] | undefined>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(search).flatMap(([name, value]) => {
      const one = Array.isArray(value) ? value.at(-1) : value
      return one ? [[name, one]] : []
    }),
  )
}

interface Problem {
  name: string
  message: string
}

function firstProblem(error: z.ZodError): Problem {
  const issue = error.issues[0]
  const name = String(issue?.path[0] ?? 'filter')
  return { name, message: `${name}: ${issue?.message ?? 'does not fit'}.` }
}

async function readPage(
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

/** The item beside the table; an address that names none of this project's shows the table alone. */
async function readItem(scope: ProjectScope, itemId: string) {
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
