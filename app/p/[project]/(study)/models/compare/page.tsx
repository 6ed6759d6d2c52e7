import type { Metadata } from 'next'
import Link from 'next/link'
import { notFound } from 'next/navigation'
import { CalibrationPlot } from '@/components/charts/calibration-plot'
import { CostPlot } from '@/components/charts/cost-plot'
import words from '@/components/evaluation/evaluation.module.css'
import {
  metricValue,
  milliseconds,
  priceWords,
  splitWords,
  versionName,
} from '@/components/evaluation/evaluation-words'
import { MetricTable } from '@/components/evaluation/metric-table'
import { RowFilters, RowList } from '@/components/evaluation/row-list'
import { SliceChanges } from '@/components/evaluation/slice-tables'
import { EmptyState } from '@/components/ui/empty-state'
import { ErrorNote } from '@/components/ui/error-note'
import { PageHeader } from '@/components/ui/page-header'
import { StatusLane } from '@/components/ui/status-lane'
import {
  type Comparison,
  comparisonQuery,
  evaluationQuery,
  evaluationRowsQuery,
} from '@/contract/v1/evaluations'
import { isAmendError } from '@/domain/errors'
import type { ProjectScope } from '@/server/access'
import { compareEvaluations } from '@/server/compare-evaluations'
import { listEvaluationRows } from '@/server/list-evaluation-rows'
import { listEvaluations } from '@/server/list-evaluations'
import { requireProjectPage } from '@/server/page-access'
import styles from '../models.module.css'

export const metadata: Metadata = { title: 'Compare versions' }

interface Props {
  params: Promise<{ project: string }>
  searchParams: Promise<Record<string, string | string[] | undefined>>
}

const changes = {
  'newly-wrong': 'right before, wrong now',
  'newly-right': 'wrong before, right now',
  lost: 'worse now',
  won: 'better now',
} as const

export default async function ComparePage({ params, searchParams }: Props) {
  const { project: slug } = await params
  const base = `/p/${slug}/models/compare`
  const scope = await requireProjectPage(slug, 'models.view', base)
  const given = await searchParams
  const wanted = comparisonQuery.safeParse({ ids: given.ids })
  if (!wanted.success) return <Choose scope={scope} slug={slug} base={base} />
  const compared = await compareEvaluations(scope, wanted.data.ids).catch((error: unknown) => {
    if (!isAmendError(error)) throw error
    if (error.code === 'not_found') notFound()
    return error.detail
  })
  if (typeof compared === 'string')
    return (
      <div className={styles.main}>
        <PageHeader title="Compare versions" />
        <ErrorNote title="These can’t be compared.">{compared}</ErrorNote>
        <p>
          <Link href={base}>Choose others</Link>
        </p>
      </div>
    )
  const [first] = compared.evaluations
  const last = compared.evaluations.at(-1)
  const change = compared.changes.at(-1)
  if (!first || !last || !change) notFound()
  const here = `${base}?ids=${wanted.data.ids.join(',')}`
  const query = evaluationRowsQuery.safeParse({
    change: given.change ?? 'newly-wrong',
    against: first.id,
    after: given.after ?? 0,
    limit: 20,
  })
  const wish = query.success
    ? query.data
    : evaluationRowsQuery.parse({ change: 'newly-wrong', against: first.id })
  const rows = scope.can('datasets.view') ? await listEvaluationRows(scope, last.id, wish) : null
  const numbers = {
    'newly-wrong': change.flips.newlyWrong,
    'newly-right': change.flips.newlyRight,
    lost: change.lost,
    won: change.won,
  }
  return (
    <>
      <div className={styles.main}>
        <PageHeader
          title={`${versionName(first)} against ${compared.evaluations.slice(1).map(versionName).join(', ')}`}
          meta={
            <>
              The same {change.rows} rows of{' '}
              <Link href={`/p/${slug}/datasets/${first.dataset.slug}?v=${first.dataset.version}`}>
                {first.dataset.name}, version {first.dataset.version}
              </Link>
              , {splitWords[first.split]}. Intervals are 95&nbsp;%; changes are of paired rows.
            </>
          }
        />
        <section className={words.section}>
          <MetricTable evaluations={compared.evaluations} changes={change.overall} />
        </section>
        <section className={words.section}>
          <SliceChanges comparison={compared} />
        </section>
        <div className={words.grid}>
          <Costs compared={compared} />
          <section className={words.section} aria-labelledby="calibration">
            <h2 id="calibration">As right as it is sure</h2>
            <CalibrationPlot
              series={compared.evaluations.map(one => ({
                name: one.model.version,
                bins: one.report?.calibration ?? [],
              }))}
            />
          </section>
        </div>
        {rows ? (
          <section className={words.section} aria-labelledby="rows">
            <div className={words.head}>
              <h2 id="rows">What turned over</h2>
              <span className={words.quiet}>
                {change.flips.newlyWrong} right before and wrong now, {change.flips.newlyRight} the other way,{' '}
                {change.flips.bothRight} right in both, {change.flips.bothWrong} wrong in both
              </span>
            </div>
            <RowFilters
              label="Which rows"
              choices={Object.entries(changes).map(([id, label]) => ({
                label: `${label} (${numbers[id as keyof typeof numbers]})`,
                href: `${here}&change=${id}#rows`,
                chosen: wish.change === id,
              }))}
            />
            {rows.rows.length === 0 ? <p className={styles.quiet}>No such row.</p> : null}
            <RowList
              rows={rows.rows}
              metric={compared.metrics[0]}
              mediaBase={`/api/v1/projects/${slug}/media`}
              names={{ own: versionName(last), other: versionName(first) }}
            />
            {rows.nextAfter === null ? null : (
              <Link href={`${here}&change=${wish.change}&after=${rows.nextAfter}#rows`}>Next rows</Link>
            )}
          </section>
        ) : null}
      </div>
      <StatusLane state={`${change.rows} rows, ${compared.evaluations.length} versions`} />
    </>
  )
}

function Costs({ compared }: { compared: Comparison }) {
  const [metric] = compared.metrics
  if (!metric) return null
  return (
    <section className={words.section} aria-labelledby="costs">
      <h2 id="costs">What better costs</h2>
      <p className={words.quiet}>
        Area: price of 1,000 answers, where it is known. Dotted: the best at its speed.
      </p>
      <CostPlot
        metric={metric.label}
        higherIsBetter={metric.higherIsBetter}
        tickWords={value => metricValue(metric, value)}
        points={compared.evaluations.map(one => {
          const score = one.report?.overall[0]?.value ?? null
          const latency = one.cost?.latency?.p90.value ?? null
          return {
            name: one.model.version,
            score,
            scoreWords: metricValue(metric, score),
            latencyMs: latency,
            latencyWords: milliseconds(latency),
            cost: one.cost?.costMicrosPer1000 ?? null,
            costWords: priceWords(one.cost),
          }
        })}
      />
    </section>
  )
}

/** Pairs that were measured on the same rows: the newest of each version. */
async function Choose({ scope, slug, base }: { scope: ProjectScope; slug: string; base: string }) {
  const { evaluations } = await listEvaluations(scope, evaluationQuery.parse({ state: 'done', limit: 200 }))
  const sets = [...new Set(evaluations.map(one => one.inputsHash))]
    .map(hash => evaluations.filter(one => one.inputsHash === hash))
    .map(all =>
      all.filter((one, at) => all.findIndex(other => other.model.versionId === one.model.versionId) === at),
    )
    .filter(all => all.length > 1)
  return (
    <>
      <div className={styles.main}>
        <PageHeader
          title="Compare versions"
          meta="Versions that were measured on the same rows, in the same way."
        />
        {sets.length === 0 ? (
          <EmptyState title="Nothing to compare yet.">
            Evaluate two versions on the same dataset version, rows and options.{' '}
            <Link href={`/p/${slug}/models`}>To the models</Link>
          </EmptyState>
        ) : null}
        {sets.map(all => {
          const oldestFirst = all.toReversed()
          const [one] = oldestFirst
          return one ? (
            <section key={one.inputsHash} className={words.section}>
              <h2>
                {one.dataset.name}, version {one.dataset.version}, {splitWords[one.split]}
              </h2>
              <p>
                <Link
                  href={`${base}?ids=${oldestFirst
                    .slice(-6)
                    .map(each => each.id)
                    .join(',')}`}
                >
                  {oldestFirst.slice(-6).map(versionName).join(' against ')}
                </Link>
              </p>
            </section>
          ) : null
        })}
      </div>
      <StatusLane state={`${sets.length} sets of rows`} />
    </>
  )
}
