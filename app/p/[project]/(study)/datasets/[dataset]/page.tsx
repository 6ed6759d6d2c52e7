import { Fingerprint, Lock } from 'lucide-react'
import type { Metadata } from 'next'
import Link from 'next/link'
import { notFound } from 'next/navigation'
import { CardProseForm } from '@/components/dataset/card-prose'
import { CheckReport } from '@/components/dataset/check-report'
import { DatasetForm } from '@/components/dataset/dataset-form'
import { DatasetMore } from '@/components/dataset/dataset-more'
import {
  count,
  overtakenWords,
  percent,
  said,
  selectionWords,
  statesSentence,
  targetWords,
  versionLabel,
} from '@/components/dataset/dataset-words'
import { FreezeButton } from '@/components/dataset/freeze-button'
import { LeftOut } from '@/components/dataset/left-out'
import { SplitBar } from '@/components/dataset/split-bar'
import { VersionChanges } from '@/components/dataset/version-changes'
import { VersionTable } from '@/components/dataset/version-table'
import {
  CompareButton,
  CompareWith,
  DownloadVersion,
  VersionSnippets,
} from '@/components/dataset/version-tools'
import { Markdown } from '@/components/review/markdown'
import { feedbackHref } from '@/components/study/feedback-address'
import { CopyField } from '@/components/ui/copy-field'
import { EmptyState } from '@/components/ui/empty-state'
import { FieldList } from '@/components/ui/field-list'
import { PageHeader } from '@/components/ui/page-header'
import { RelativeTime } from '@/components/ui/relative-time'
import { StatusLane } from '@/components/ui/status-lane'
import { type DatasetDetail, type DatasetVersion, versionRowsQuery } from '@/contract/v1/datasets'
import { cardMarkdown } from '@/domain/dataset-card'
import { formatsFor } from '@/domain/dataset-formats'
import { isAmendError } from '@/domain/errors'
import type { ProjectScope } from '@/server/access'
import { describeCard } from '@/server/describe-card'
import { diffVersions } from '@/server/diff-versions'
import { readChecks } from '@/server/list-checks'
import { describeDataset } from '@/server/list-datasets'
import { listModels } from '@/server/list-models'
import { listVersionRows } from '@/server/list-version-rows'
import { requireProjectPage } from '@/server/page-access'
import { taskFacts } from '@/tasks/registry'
import { draftOf } from '../dataset-draft'
import styles from '../datasets.module.css'

export const metadata: Metadata = { title: 'Dataset' }

interface Props {
  params: Promise<{ project: string; dataset: string }>
  searchParams: Promise<Record<string, string | string[] | undefined>>
}

const rowsShown = 20

export default async function DatasetPage({ params, searchParams }: Props) {
  const { project: slug, dataset: wanted } = await params
  const given = await searchParams
  const here = `/p/${slug}/datasets/${wanted}`
  const scope = await requireProjectPage(slug, 'datasets.view', here)
  const [dataset, { models }] = await Promise.all([findOr404(scope, wanted), listModels(scope)])
  const modelVersions = models.flatMap(model =>
    model.versions.map(version => ({ id: version.id, label: `${model.name} ${version.version}` })),
  )
  const versionName = (id: string) => modelVersions.find(one => one.id === id)?.label ?? 'another version'
  const frozen = dataset.versions.filter(version => version.state === 'frozen')
  const running = dataset.versions.find(version => version.state === 'freezing') ?? null
  const waiting = dataset.versions.find(version => version.state === 'blocked') ?? null
  const shown = frozen.find(version => String(version.number) === given.v) ?? frozen[0] ?? null
  const file = shown && {
    project: slug,
    dataset: dataset.slug,
    number: shown.number,
    formats: formatsFor(dataset.target, taskFacts(scope.project.taskType) ?? {}).map(one => one.id),
    consumers: dataset.consumers.map(one => one.name),
  }
  const mayManage = scope.can('datasets.manage')
  const mayDownload = scope.can('datasets.download')
  const changing = mayManage && given.change !== undefined
  return (
    <>
      <div className={styles.main}>
        <PageHeader
          title={dataset.name}
          meta={dataset.description || `${targetWords[dataset.target].label}, from this project.`}
          actions={
            <>
              {scope.can('datasets.freeze') && !dataset.archivedAt ? (
                <FreezeButton
                  project={slug}
                  dataset={dataset.slug}
                  running={running}
                  primary={shown === null}
                />
              ) : null}
              {frozen.length > 1 ? <CompareButton /> : null}
              {file && mayDownload ? <DownloadVersion {...file} /> : null}
            </>
          }
        />
        {changing ? (
          <DatasetForm
            project={slug}
            initial={draftOf(dataset)}
            versions={modelVersions}
            timeZone={scope.project.timeZone}
            changing={{ slug: dataset.slug, name: dataset.name }}
            cancelHref={here}
          />
        ) : null}
        {waiting ? (
          <section className={styles.panel} aria-labelledby="waiting">
            <h2 id="waiting">Version {waiting.number} waits for its checks</h2>
            <p className={styles.note}>
              {count(waiting.rows, 'row')} are made and kept. Mend what blocks and freeze again, or have an
              owner waive it.
            </p>
            <Checks scope={scope} dataset={dataset} version={waiting} />
          </section>
        ) : null}
        {shown ? <FrozenFacts version={shown} /> : null}
        <div className={styles.columns}>
          <div className={styles.column}>
            {shown ? (
              <Shown scope={scope} dataset={dataset} version={shown} frozen={frozen} given={given} />
            ) : (
              <EmptyState title={running ? 'The first version is being frozen.' : 'Nothing is frozen yet.'}>
                {running
                  ? 'It appears here when it is done; you can leave the page.'
                  : mayManage
                    ? 'Freezing takes what fits now, splits it by group, and keeps it as it is for ever.'
                    : 'A curator freezes versions of this dataset.'}
              </EmptyState>
            )}
          </div>
          <div className={styles.column}>
            {file && mayDownload ? (
              <VersionSnippets {...file} mayMakeKeys={scope.can('keys.manage')} />
            ) : null}
            {shown ? <Provenance version={shown} /> : null}
            {file && mayDownload ? (
              <section className={styles.panel} aria-labelledby="evidence">
                <h2 id="evidence">Evidence</h2>
                <p className={styles.quiet}>
                  Rows, log, consent, splits, checks and card in one archive, checked without this server: npm
                  run amend -- verify {dataset.slug}-v{file.number}.tar
                </p>
                <p>
                  <a
                    href={`/api/v1/projects/${slug}/datasets/${dataset.slug}/versions/${file.number}/archive${consumerQuery(dataset)}`}
                  >
                    Download the archive
                  </a>
                </p>
              </section>
            ) : null}
            {shown ? <Card scope={scope} dataset={dataset} version={shown} /> : null}
            <section className={styles.panel} aria-labelledby="selects">
              <h2 id="selects">What the next version selects</h2>
              <FieldList
                items={[
                  { term: 'True is', value: targetWords[dataset.target].label },
                  {
                    term: 'Rows',
                    value: selectionWords(dataset.target, dataset.selection, versionName).join('; '),
                  },
                  { term: 'Split', value: sharesSentence(dataset.rules.shares) },
                ]}
              />
              {mayManage ? (
                <DatasetMore
                  project={slug}
                  dataset={dataset.slug}
                  archived={dataset.archivedAt !== null}
                  freeze={shown?.actionId ? { actionId: shown.actionId, number: shown.number } : null}
                />
              ) : null}
            </section>
          </div>
        </div>
        {shown ? <Rows scope={scope} dataset={dataset} version={shown} given={given} /> : null}
      </div>
      <StatusLane
        keys={[
          ...(file && mayDownload
            ? [
                { chords: 'd', label: 'download' },
                { chords: 'y', label: 'copy snippet' },
              ]
            : []),
          ...(frozen.length > 1
            ? [
                { chords: 'c', label: 'compare' },
                { chords: ['[', ']'], label: 'previous, next version' },
              ]
            : []),
        ]}
        state={shown ? 'Frozen versions never change.' : 'Nothing is frozen yet'}
      />
    </>
  )
}

async function findOr404(scope: ProjectScope, wanted: string): Promise<DatasetDetail> {
  try {
    return await describeDataset(scope, wanted)
  } catch (error) {
    if (isAmendError(error) && error.code === 'not_found') notFound()
    throw error
  }
}

const sharesSentence = (shares: DatasetDetail['rules']['shares']) =>
  `${percent(shares.train, 1)} train, ${percent(shares.validation, 1)} validation, ${percent(shares.test, 1)} test, by group`

function FrozenFacts({ version }: { version: DatasetVersion }) {
  return (
    <p className={styles.facts}>
      <strong>v{version.number}</strong>
      <span className={styles.chip}>
        <Lock aria-hidden />
        Frozen <RelativeTime at={version.frozenAt ?? version.createdAt} show="full" />
      </span>
      <span>by {version.createdBy ?? 'this server'}</span>
      {version.overtakenAt ? <span className={styles.chip}>Overtaken</span> : null}
    </p>
  )
}

function Provenance({ version }: { version: DatasetVersion }) {
  const { asOf } = version.definition as { asOf?: { at?: string } }
  return (
    <section className={styles.panel} aria-labelledby="provenance">
      <h2 id="provenance">What v{version.number} is</h2>
      <FieldList
        items={[
          { term: 'Read at', value: asOf?.at ? <RelativeTime at={asOf.at} show="full" /> : 'unknown' },
          { term: 'Said', value: statesSentence(version.states) },
          {
            term: 'Saw a suggestion',
            value: `${percent(version.influenced.train, version.splits.train)} of train, ${
              version.splits.test > 0
                ? `${percent(version.influenced.test, version.splits.test)} of test`
                : 'no test rows'
            }`,
          },
          { term: 'Before it', value: version.parentNumber === null ? 'none' : `v${version.parentNumber}` },
        ]}
      />
      <LeftOut counts={version.leftOut} />
      <CopyField
        label="SHA-256 of the JSON Lines"
        value={version.contentSha256 ?? ''}
        hint={`${said(version.contentBytes ?? 0)} bytes. Checked again with every download.`}
      />
      <p className={styles.quiet}>
        <Fingerprint
          aria-hidden
          style={{ width: '0.875rem', height: '0.875rem', verticalAlign: '-0.125rem' }}
        />{' '}
        Rows: <code>{version.rowsHash?.slice(0, 16)}…</code>, which holds also after an erasure.
      </p>
    </section>
  )
}

interface ShownProps {
  scope: ProjectScope
  dataset: DatasetDetail
  version: DatasetVersion
  frozen: readonly DatasetVersion[]
  given: Record<string, string | string[] | undefined>
}

async function Shown({ scope, dataset, version, frozen, given }: ShownProps) {
  const slug = scope.project.slug
  const here = `/p/${slug}/datasets/${dataset.slug}`
  const versionHref = (number: number) => `${here}?v=${number}`
  const others = frozen.filter(one => one.id !== version.id)
  const base =
    others.find(one => String(one.number) === given.against) ??
    others.find(one => one.number === version.parentNumber) ??
    others[0]
  const diff = base
    ? await diffVersions(scope, dataset.id, String(version.number), { against: String(base.number) })
    : null
  const at = frozen.findIndex(one => one.id === version.id)
  const hrefAt = (index: number) => {
    const one = frozen[index]
    return one ? versionHref(one.number) : null
  }
  const influenced = version.influenced.train + version.influenced.validation + version.influenced.test
  return (
    <>
      {version.overtakenReason ? (
        <p className={styles.note}>{overtakenWords[version.overtakenReason]}</p>
      ) : null}
      <dl className={styles.figures}>
        <Figure term="Rows" value={said(version.rows)} />
        <Figure term="Groups" value={said(version.groups)} />
        {dataset.target === 'decision' ? (
          <Figure
            term="Corrected or written"
            value={percent((version.states.corrected ?? 0) + (version.states.written ?? 0), version.rows)}
          />
        ) : null}
        <Figure term="Saw a suggestion" value={percent(influenced, version.rows)} />
      </dl>
      <section className={styles.section} aria-labelledby="splits">
        <div className={styles.between}>
          <h2 id="splits">Splits</h2>
          <span className={styles.quiet}>{partedWords(version)}</span>
        </div>
        <SplitBar counts={version.splits} influenced={version.influenced} />
      </section>
      <section className={styles.section} aria-labelledby="checks">
        <h2 id="checks">Checks</h2>
        <Checks scope={scope} dataset={dataset} version={version} />
      </section>
      {diff && base ? (
        <section className={styles.section} aria-labelledby="changes">
          <div className={styles.between}>
            <h2 id="changes">Since v{base.number}</h2>
            <CompareWith
              href={versionHref(version.number)}
              number={version.number}
              against={base.number}
              others={others.map(one => one.number)}
              previousHref={hrefAt(at + 1)}
              nextHref={hrefAt(at - 1)}
            />
          </div>
          <VersionChanges diff={diff} />
        </section>
      ) : null}
      <section className={styles.section} aria-labelledby="versions">
        <h2 id="versions">Versions</h2>
        <ul className={styles.versions}>
          {dataset.versions.map(one => (
            <li key={one.id}>
              {one.state === 'frozen' ? (
                <Link
                  className={styles.version}
                  href={versionHref(one.number)}
                  aria-current={one.id === version.id ? 'page' : undefined}
                >
                  <strong>{versionLabel(one)}</strong>
                  {count(one.rows, 'row')}
                  <span>
                    <RelativeTime at={one.frozenAt ?? one.createdAt} show="full" />
                  </span>
                </Link>
              ) : (
                <div className={styles.version}>
                  <strong>{versionLabel(one)}</strong>
                  <span>
                    {one.state === 'freezing'
                      ? 'under way'
                      : one.state === 'blocked'
                        ? 'waits for its checks'
                        : 'nothing was kept'}
                  </span>
                </div>
              )}
            </li>
          ))}
        </ul>
      </section>
    </>
  )
}

/** How a version was parted, and whether its test rows are fit to measure. */
function partedWords({ definition, clusters, unbiasedTest, splits, cuts }: DatasetVersion): string {
  const { splitBy } = (definition.rules ?? {}) as { splitBy?: string }
  const by =
    splitBy === 'time' || splitBy === 'both'
      ? `by time${cuts ? `, test from ${cuts.testFrom.slice(0, 10)}` : ''}`
      : 'by hash of the group'
  const together = clusters === null ? '' : ', near-duplicates together'
  const test =
    unbiasedTest === null || splits.test === 0
      ? ''
      : unbiasedTest === splits.test
        ? '; test was drawn by chance and judged without a suggestion'
        : `; ${splits.test - unbiasedTest} of ${splits.test} test rows were not drawn by chance or saw a suggestion`
  return `${by}${together}; none leaves test${test}`
}

const consumerQuery = ({ consumers }: DatasetDetail) =>
  consumers.length > 1 ? `?consumer=${encodeURIComponent(consumers[0]?.name ?? '')}` : ''

interface OfVersion {
  scope: ProjectScope
  dataset: DatasetDetail
  version: DatasetVersion
}

async function Checks({ scope, dataset, version }: OfVersion) {
  return (
    <CheckReport
      project={scope.project.slug}
      dataset={dataset.slug}
      version={{ number: version.number, state: version.state }}
      checks={await readChecks(scope, version.id)}
      mayWaive={scope.can('datasets.waive')}
      mayFreeze={scope.can('datasets.freeze')}
    />
  )
}

/** What the version is, in facts and in what people wrote beside them. */
async function Card({ scope, dataset, version }: OfVersion) {
  const card = await describeCard(scope, dataset.slug, String(version.number))
  const prose = Object.fromEntries(Object.entries(card.prose).map(([field, part]) => [field, part.text]))
  return (
    <section className={styles.panel} aria-labelledby="card">
      <h2 id="card">Card</h2>
      <p className={styles.quiet}>{card.truth}</p>
      <details>
        <summary>Read all</summary>
        <Markdown text={cardMarkdown(card).replace(/^---\n[\s\S]*?\n---\n/, '')} />
      </details>
      {scope.can('datasets.manage') ? (
        <details>
          <summary>Write on it</summary>
          <CardProseForm
            key={version.id}
            project={scope.project.slug}
            dataset={dataset.slug}
            number={version.number}
            prose={prose}
          />
        </details>
      ) : null}
    </section>
  )
}

async function Rows({ scope, dataset, version, given }: Omit<ShownProps, 'frozen'>) {
  const href = `/p/${scope.project.slug}/datasets/${dataset.slug}?v=${version.number}`
  const paging = versionRowsQuery.safeParse({ after: given.after, limit: rowsShown })
  const after = paging.success ? paging.data.after : 0
  const page = await listVersionRows(scope, dataset.id, String(version.number), {
    after,
    limit: rowsShown,
    split: undefined,
  })
  return (
    <section className={styles.wide} aria-labelledby="rows">
      <h2 id="rows">Rows</h2>
      <VersionTable
        page={page}
        moreHref={page.nextAfter === null ? null : `${href}&after=${page.nextAfter}`}
        firstHref={after > 0 ? href : null}
        itemHref={(item, exposure) => feedbackHref(scope.project.slug, { item, at: exposure ?? undefined })}
      />
    </section>
  )
}

function Figure({ term, value }: { term: string; value: string }) {
  return (
    <div>
      <dt>{term}</dt>
      <dd>{value}</dd>
    </div>
  )
}
