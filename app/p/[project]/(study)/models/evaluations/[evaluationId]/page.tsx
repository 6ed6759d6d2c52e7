import { TriangleAlert } from 'lucide-react'
import type { Metadata } from 'next'
import Link from 'next/link'
import { notFound } from 'next/navigation'
import { CalibrationPlot } from '@/components/charts/calibration-plot'
import words from '@/components/evaluation/evaluation.module.css'
import { EvaluationProgress } from '@/components/evaluation/evaluation-progress'
import { priceWords, sliceName, splitWords, versionName } from '@/components/evaluation/evaluation-words'
import { MetricTable } from '@/components/evaluation/metric-table'
import { RowFilters, RowList } from '@/components/evaluation/row-list'
import { SliceKeys } from '@/components/evaluation/slice-keys'
import { PerturbationTable, SliceTable } from '@/components/evaluation/slice-tables'
import { ErrorNote } from '@/components/ui/error-note'
import { FieldList } from '@/components/ui/field-list'
import { PageHeader } from '@/components/ui/page-header'
import { StatusLane } from '@/components/ui/status-lane'
import { type Evaluation, evaluationQuery, evaluationRowsQuery } from '@/contract/v1/evaluations'
import { isAmendError } from '@/domain/errors'
import { listEvaluationRows } from '@/server/list-evaluation-rows'
import { describeEvaluation, listEvaluations } from '@/server/list-evaluations'
import { requireProjectPage } from '@/server/page-access'
import styles from '../../models.module.css'

export const metadata: Metadata = { title: 'Evaluation' }

interface Props {
  params: Promise<{ project: string; evaluationId: string }>
  searchParams: Promise<Record<string, string | string[] | undefined>>
}

const filters = ['right', 'wrong', 'silent', 'failed', 'unsafe'] as const

export default async function EvaluationPage({ params, searchParams }: Props) {
  const { project: slug, evaluationId } = await params
  const here = `/p/${slug}/models/evaluations/${evaluationId}`
  const scope = await requireProjectPage(slug, 'models.view', here)
  const evaluation = await describeEvaluation(scope, evaluationId).catch((error: unknown) => {
    if (isAmendError(error)) notFound()
    throw error
  })
  const given = await searchParams
  const { only, after = 0, slice, value } = given
  const query = evaluationRowsQuery.safeParse({ only, after, slice, value, limit: 20 })
  const wish = query.success ? query.data : evaluationRowsQuery.parse({ limit: 20 })
  const done = evaluation.state === 'done'
  const [rows, others] = await Promise.all([
    done && scope.can('datasets.view') ? listEvaluationRows(scope, evaluationId, wish) : null,
    listEvaluations(
      scope,
      evaluationQuery.parse({ datasetVersionId: evaluation.dataset.versionId, state: 'done', limit: 50 }),
    ),
  ])
  const chosen = wish.slice === undefined ? null : { slice: wish.slice, value: wish.value ?? null }
  /** The rows of a slice that ended one way. */
  const rowsHref = (of: typeof chosen, ended: string | undefined, from?: number) => {
    const params = new URLSearchParams({
      ...(of ? { slice: of.slice } : {}),
      ...(of && of.value !== null ? { value: of.value } : {}),
      ...(ended ? { only: ended } : {}),
      ...(from ? { after: String(from) } : {}),
    })
    return `${here}${params.size > 0 ? `?${params}` : ''}#rows`
  }
  const comparable = others.evaluations.filter(
    one => one.inputsHash === evaluation.inputsHash && one.model.versionId !== evaluation.model.versionId,
  )
  return (
    <>
      <div className={styles.main}>
        <PageHeader
          title={versionName(evaluation)}
          meta={
            <>
              On{' '}
              <Link href={`/p/${slug}/datasets/${evaluation.dataset.slug}?v=${evaluation.dataset.version}`}>
                {evaluation.dataset.name}, version {evaluation.dataset.version}
              </Link>
              , {splitWords[evaluation.split]}
              {evaluation.kind === 'cross-validation'
                ? `, trained anew in ${evaluation.options.folds} folds of whole groups, each answered by what the others taught`
                : ''}
              . Intervals are 95&nbsp;%, by groups that belong together.
            </>
          }
        />
        {evaluation.state === 'running' ? (
          <EvaluationProgress
            slug={slug}
            evaluationId={evaluationId}
            job={evaluation.job}
            mayCancel={scope.can('jobs.cancel')}
          />
        ) : null}
        {evaluation.state === 'failed' ? (
          <ErrorNote title="This evaluation failed." code="evaluation_failed">
            {evaluation.failure} Start it again on{' '}
            <Link href={`/p/${slug}/models/${evaluation.model.versionId}`}>the version’s page</Link>.
          </ErrorNote>
        ) : null}
        {evaluation.state === 'cancelled' ? (
          <p className={styles.quiet}>It was cancelled before it was done, so it says nothing.</p>
        ) : null}
        {done ? (
          <>
            <Warnings evaluation={evaluation} />
            <section className={words.section}>
              <MetricTable evaluations={[evaluation]} />
            </section>
            {comparable.length > 0 ? (
              <section className={words.section} aria-labelledby="compare">
                <h2 id="compare">Against others on the same rows</h2>
                <RowFilters
                  label="Compare with"
                  choices={uniqueVersions(comparable).map(one => ({
                    label: versionName(one),
                    href: `/p/${slug}/models/compare?ids=${one.id},${evaluation.id}`,
                    chosen: false,
                  }))}
                />
              </section>
            ) : null}
            <section className={words.section}>
              <SliceTable
                evaluation={evaluation}
                chosen={chosen}
                hrefOf={rows ? slice => rowsHref(slice, wish.only) : null}
              />
              {rows ? <SliceKeys /> : null}
            </section>
            <section className={words.section}>
              <PerturbationTable evaluation={evaluation} />
            </section>
            <div className={words.grid}>
              <section className={words.section} aria-labelledby="calibration">
                <h2 id="calibration">Is it as right as it is sure</h2>
                <CalibrationPlot
                  series={[{ name: evaluation.model.version, bins: evaluation.report?.calibration ?? [] }]}
                />
              </section>
              <section className={words.section} aria-labelledby="made">
                <h2 id="made">How it was measured</h2>
                <FieldList items={factsOf(slug, evaluation)} />
              </section>
            </div>
            {rows ? (
              <section className={words.section} aria-labelledby="rows">
                <h2 id="rows">Row by row</h2>
                <RowFilters
                  label="Which rows"
                  choices={[
                    { label: 'all', href: rowsHref(chosen, undefined), chosen: wish.only === undefined },
                    ...filters.map(ended => ({
                      label: ended,
                      href: rowsHref(chosen, ended),
                      chosen: wish.only === ended,
                    })),
                  ]}
                />
                {chosen ? (
                  <p className={styles.quiet}>
                    Where {sliceName(chosen)}. <Link href={rowsHref(null, wish.only)}>All slices</Link>
                  </p>
                ) : null}
                {rows.rows.length === 0 ? <p className={styles.quiet}>No such row.</p> : null}
                <RowList
                  rows={rows.rows}
                  metric={evaluation.report?.metrics[0]}
                  mediaBase={`/api/v1/projects/${slug}/media`}
                  names={{ own: versionName(evaluation), other: null }}
                />
                {rows.nextAfter === null ? null : (
                  <Link href={rowsHref(chosen, wish.only, rows.nextAfter)}>Next rows</Link>
                )}
              </section>
            ) : null}
          </>
        ) : null}
      </div>
      <StatusLane
        keys={
          rows && (evaluation.report?.slices.length ?? 0) > 0
            ? [
                { chords: ['j', 'k'], label: 'slice' },
                { chords: 'enter', label: 'open' },
              ]
            : []
        }
        state={
          done ? `${evaluation.report?.counts.rows ?? 0} rows measured` : `Evaluation ${evaluation.state}`
        }
      />
    </>
  )
}

/** Newest first, one for each version. */
const uniqueVersions = (all: readonly Evaluation[]) =>
  all.filter((one, at) => all.findIndex(other => other.model.versionId === one.model.versionId) === at)

function Warnings({ evaluation }: { evaluation: Evaluation }) {
  const { contamination, counts } = evaluation.report ?? {}
  if (!contamination || !counts) return null
  const listed = contamination.list.slice(0, 20).map(row => row.number)
  return (
    <>
      {contamination.rows > 0 ? (
        <p className={words.state} data-tone="caution" role="note">
          <TriangleAlert aria-hidden />
          It may have learned from {contamination.rows} of {counts.rows} rows, so its numbers here flatter it:
          rows {listed.join(', ')}
          {contamination.rows > listed.length ? ' and more' : ''}.
        </p>
      ) : null}
      {contamination.known ? null : (
        <p className={words.state} data-tone="caution" role="note">
          <TriangleAlert aria-hidden />
          Nobody said what it learned from, so these rows may be among it.
        </p>
      )}
    </>
  )
}

/** The explorer by a slice's rule as it stood then. */
const feedbackHref = (slug: string, query: Record<string, unknown>) =>
  `/p/${slug}/feedback?${new URLSearchParams(Object.entries(query).map(([name, value]) => [name, String(value)]))}`

function factsOf(slug: string, { report, cost, inputsHash, reportSha256, inputs, createdBy }: Evaluation) {
  const counts = report?.counts
  const megabytes = (value: number | null | undefined) => (value ? `${Math.round(value)} MB` : 'not said')
  return [
    {
      term: 'Rows',
      value: `${counts?.rows} measured: ${counts?.answered} answered, ${counts?.silent} silent, ${counts?.failed} failed; left out: ${counts?.withoutTruth} without a truth, ${counts?.erased} erased`,
    },
    { term: 'Size, memory', value: `${megabytes(cost?.sizeMb)}, ${megabytes(cost?.memoryMb)}` },
    { term: '1,000 answers', value: priceWords(cost) },
    { term: 'Metrics', value: <code>{String(inputs.metrics)}</code> },
    { term: 'Inputs', value: <code>{inputsHash.slice(0, 16)}</code> },
    { term: 'Report', value: <code>{reportSha256?.slice(0, 16)}</code> },
    ...(report?.saved
      ? [
          {
            term: 'Saved slices',
            value: (
              <>
                As they stood when it began; a row lies in one where a decision about its item passes the
                filter.
                {report.saved.map(({ id, name, query }) => (
                  <Link key={id} className={words.rule} href={feedbackHref(slug, query)}>
                    {name}
                  </Link>
                ))}
              </>
            ),
          },
        ]
      : []),
    { term: 'Started by', value: createdBy ?? 'a key or the server' },
  ]
}
