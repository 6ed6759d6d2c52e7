import type { Metadata } from 'next'
import { redirect } from 'next/navigation'
import { datasetOf, SaveAsDataset } from '@/components/dataset/save-as-dataset'
import { Counts } from '@/components/explore/counts'
import { changedHref, filterOf, isFiltered, sameFilter } from '@/components/explore/explorer-address'
import { rowHref } from '@/components/explore/explorer-props'
import { ExplorerTable } from '@/components/explore/explorer-table'
import { Filters } from '@/components/explore/filters'
import { StaticTable } from '@/components/explore/static-table'
import { ViewRail } from '@/components/explore/view-rail'
import { ViewTools } from '@/components/explore/view-tools'
import { DownloadMenu } from '@/components/study/download-menu'
import { feedbackHref } from '@/components/study/feedback-address'
import { ItemPanel } from '@/components/study/item-panel'
import { ButtonLink } from '@/components/ui/button'
import { EmptyState } from '@/components/ui/empty-state'
import { PageHeader } from '@/components/ui/page-header'
import { StatusLane } from '@/components/ui/status-lane'
import { uuid } from '@/contract/v1/common'
import { pagePermissions } from '@/domain/page-permission'
import { databaseNow } from '@/server/append-events'
import { findFeedbackRow } from '@/server/list-feedback'
import { listModels } from '@/server/list-models'
import { findView, listFilterChoices, listViews } from '@/server/list-views'
import { requireProjectPage } from '@/server/page-access'
import { taskFacts } from '@/tasks/registry'
import {
  addressOf,
  chosenColumns,
  onlyGiven,
  readCountsOf,
  readItem,
  readPage,
  readQuery,
} from './explorer-query'
import styles from './feedback.module.css'
import { isUntouched, NothingHere } from './nothing-here'

export const metadata: Metadata = { title: 'Feedback' }

interface Props {
  params: Promise<{ project: string }>
  searchParams: Promise<Record<string, string | string[] | undefined>>
}

export default async function FeedbackPage({ params, searchParams }: Props) {
  const { project: slug } = await params
  const given = onlyGiven(await searchParams)
  const scope = await requireProjectPage(slug, 'feedback.view', feedbackHref(slug, given))
  const view = uuid.safeParse(given.view).success ? await findView(scope, given.view ?? '') : null
  if (view && Object.keys(given).length === 1) {
    const query = Object.fromEntries(Object.entries(view.query).map(([name, value]) => [name, String(value)]))
    redirect(feedbackHref(slug, { ...query, columns: view.columns?.join(','), view: view.id }))
  }
  const { query, problem: unreadable } = readQuery(given)
  const address = addressOf(given, query)
  const at = uuid.safeParse(given.at).success ? (given.at ?? '') : null
  const item = uuid.safeParse(given.item).success ? (given.item ?? '') : null
  const slice = view?.kind === 'slice' && sameFilter(address, view.query) ? view : null
  const [{ page, problem }, { models }, list, choices, counts, now, panel, opened] = await Promise.all([
    unreadable ? { page: null, problem: unreadable } : readPage(scope, query),
    listModels(scope),
    listViews(scope),
    listFilterChoices(scope),
    readCountsOf(scope, query, slice?.id),
    databaseNow(),
    item ? readItem(scope, item) : null,
    at ? findFeedbackRow(scope, at) : null,
  ])
  const versions = models.flatMap(model =>
    model.versions.map(v => ({ id: v.id, label: `${model.name} ${v.version}` })),
  )
  const filter = filterOf(address)
  const columns = chosenColumns(given.columns)
  const rows = page?.rows ?? []
  const openAt = rows.findIndex(row => row.exposureId === at)
  const hrefAt = (place: number) => {
    const row = rows[place]
    return openAt >= 0 && row ? rowHref(slug, address, given.cursor, row) : null
  }
  const mayDataset = scope.can('datasets.manage') && !problem
  const dataset = mayDataset ? datasetOf(slug, filter) : null
  const mayMark = scope.can('items.mark')
  const mayManage = scope.can('views.manage') && !problem
  // Nothing to filter, count or save as a view: the page says what comes first instead.
  const untouched = page !== null && isUntouched(page, counts.n, address, given.cursor)
  const { demo } = scope.project
  const nothingYet = untouched && !demo
  const usePage = taskFacts(scope.project.taskType)?.usePage ?? null
  const rail = <ViewRail slug={slug} address={address} list={list} />
  return (
    <>
      <div className={styles.split} data-panel={panel ? true : undefined}>
        <div className={styles.side}>{rail}</div>
        <div className={styles.main}>
          <PageHeader
            title="Feedback"
            meta="Every suggestion that was shown or held back, and what people did with it."
            actions={
              <>
                {scope.can('feedback.download') && !problem && !nothingYet ? (
                  <DownloadMenu slug={slug} values={filter} mayMakeKeys={scope.can('keys.manage')} />
                ) : null}
                {mayDataset && !nothingYet ? <SaveAsDataset slug={slug} values={filter} /> : null}
              </>
            }
          />
          <details className={styles.folded}>
            <summary>Slices and views</summary>
            {rail}
          </details>
          {nothingYet ? null : (
            <Filters
              slug={slug}
              address={address}
              versions={versions}
              choices={choices}
              timeZone={scope.project.timeZone}
              problem={problem}
            />
          )}
          {problem ? (
            <EmptyState
              title="This filter can’t be read."
              action={<ButtonLink href={feedbackHref(slug, {})}>Show everything</ButtonLink>}
            >
              {problem.message}
            </EmptyState>
          ) : (
            <>
              {untouched ? null : (
                <>
                  <Counts
                    slug={slug}
                    address={address}
                    counts={counts}
                    versions={versions}
                    now={now}
                    slice={slice?.name ?? null}
                  />
                  <ViewTools
                    slug={slug}
                    address={address}
                    columns={columns}
                    view={view}
                    mayManage={mayManage}
                    filtered={isFiltered(address)}
                  />
                </>
              )}
              {rows.length > 0 && page ? (
                <ExplorerTable
                  // Another filter, order or set of columns is another list.
                  key={changedHref(slug, address, { view: undefined }) + (given.cursor ?? '')}
                  slug={slug}
                  rows={rows}
                  opened={opened}
                  nextCursor={page.nextCursor}
                  address={address}
                  cursor={given.cursor}
                  columns={columns}
                  openId={at ?? undefined}
                  now={now}
                  mayMark={mayMark}
                  datasetHref={dataset && 'href' in dataset ? dataset.href : null}
                >
                  <StaticTable
                    slug={slug}
                    rows={rows}
                    address={address}
                    cursor={given.cursor}
                    olderCursor={page.nextCursor}
                    newerCursor={page.newerCursor}
                    columns={columns}
                    openId={at ?? undefined}
                    now={now}
                    mayMark={mayMark}
                  />
                </ExplorerTable>
              ) : page?.nextCursor && page.lookedThrough ? (
                <EmptyState
                  title={`None in the ${page.lookedThrough.toLocaleString('en')} rows looked through.`}
                  action={
                    <ButtonLink href={feedbackHref(slug, { ...address, cursor: page.nextCursor })}>
                      Look further
                    </ButtonLink>
                  }
                >
                  This filter reads each row, so the list is looked through in parts.
                </EmptyState>
              ) : (
                <NothingHere
                  slug={slug}
                  address={address}
                  usePage={usePage && scope.can(pagePermissions[usePage]) ? usePage : null}
                  mayConnect={scope.can('settings.manage')}
                  demo={demo}
                />
              )}
            </>
          )}
        </div>
        {panel ? (
          <ItemPanel
            slug={slug}
            timeline={panel.timeline}
            at={at ?? undefined}
            closeHref={feedbackHref(slug, { ...address, cursor: given.cursor })}
            previousHref={hrefAt(openAt - 1)}
            nextHref={hrefAt(openAt + 1)}
            mayOpen={scope.can('queues.manage') && scope.can('actions.view')}
            now={now}
          >
            <panel.Viewer payload={panel.timeline.payload} mediaBase={`/api/v1/projects/${slug}/media`} />
          </ItemPanel>
        ) : null}
      </div>
      <StatusLane
        keys={
          nothingYet
            ? []
            : [
                { chords: ['j', 'k'], label: 'move' },
                ...(mayMark ? [{ chords: 'space', label: 'select' }] : []),
                { chords: 'enter', label: 'open' },
                { chords: '/', label: 'filter' },
                ...(mayManage ? [{ chords: 'g', label: 'slice' }] : []),
                ...(mayDataset ? [{ chords: 'd', label: 'add to dataset' }] : []),
                ...(panel
                  ? [
                      { chords: ['[', ']'], label: 'previous, next' },
                      { chords: 'z', label: 'undo' },
                      { chords: 'escape', label: 'close' },
                    ]
                  : []),
              ]
        }
        state={rows.length === 1 ? '1 row' : `${rows.length} rows${page?.nextCursor ? ', more below' : ''}`}
      />
    </>
  )
}
