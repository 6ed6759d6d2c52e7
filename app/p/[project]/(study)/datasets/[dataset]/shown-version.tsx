import { Fingerprint, Lock } from 'lucide-react'
import Link from 'next/link'
import { CardProseForm } from '@/components/dataset/card-prose'
import { CheckReport } from '@/components/dataset/check-report'
import {
  count,
  overtakenWords,
  percent,
  said,
  statesSentence,
  versionLabel,
} from '@/components/dataset/dataset-words'
import { LeftOut } from '@/components/dataset/left-out'
import { SplitBar } from '@/components/dataset/split-bar'
import { VersionChanges } from '@/components/dataset/version-changes'
import { VersionLineageMap } from '@/components/dataset/version-lineage'
import { VersionTable } from '@/components/dataset/version-table'
import { CompareWith } from '@/components/dataset/version-tools'
import { Markdown } from '@/components/review/markdown'
import { feedbackHref } from '@/components/study/feedback-address'
import { CopyField } from '@/components/ui/copy-field'
import { FieldList } from '@/components/ui/field-list'
import { RelativeTime } from '@/components/ui/relative-time'
import {
  type DatasetDetail,
  type DatasetVersion,
  versionDiffQuery,
  versionRowsQuery,
} from '@/contract/v1/datasets'
import { cardMarkdown } from '@/domain/dataset-card'
import type { ProjectScope } from '@/server/access'
import { describeCard } from '@/server/describe-card'
import { diffVersions } from '@/server/diff-versions'
import { readChecks } from '@/server/list-checks'
import { listVersionRows } from '@/server/list-version-rows'
import { readVersionLineage } from '@/server/read-version-lineage'
import styles from '../datasets.module.css'

const rowsShown = 20

export function FrozenFacts({ version }: { version: DatasetVersion }) {
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

export function Provenance({ version }: { version: DatasetVersion }) {
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

export async function Shown({ scope, dataset, version, frozen, given }: ShownProps) {
  const slug = scope.project.slug
  const here = `/p/${slug}/datasets/${dataset.slug}`
  const versionHref = (number: number) => `${here}?v=${number}`
  const others = frozen.filter(one => one.id !== version.id)
  const before = frozen.find(one => one.successorNumber === version.number)
  const base =
    others.find(one => String(one.number) === given.against) ??
    others.find(one => one.number === version.parentNumber) ??
    others[0]
  const wish = versionDiffQuery.safeParse({
    against: base && String(base.number),
    kind: given.kind,
    after: given.from,
    slice: given.slice,
  })
  const diff = base
    ? await diffVersions(
        scope,
        dataset.id,
        String(version.number),
        wish.success ? wish.data : { against: String(base.number) },
      )
    : null
  const lineage = await readVersionLineage(scope, dataset.id, String(version.number))
  const at = frozen.findIndex(one => one.id === version.id)
  const hrefAt = (index: number) => {
    const one = frozen[index]
    return one ? versionHref(one.number) : null
  }
  const influenced = version.influenced.train + version.influenced.validation + version.influenced.test
  return (
    <>
      {before ? (
        <p className={styles.quiet}>
          Made in place of <Link href={versionHref(before.number)}>v{before.number}</Link>, of which rows were
          erased: the same selection and moment, without those rows.
        </p>
      ) : null}
      {version.overtakenReason ? (
        <p className={styles.note}>
          {overtakenWords[version.overtakenReason]}
          {version.successorNumber ? (
            <>
              {' '}
              <Link href={versionHref(version.successorNumber)}>v{version.successorNumber}</Link> was made
              without those rows: use that one.
            </>
          ) : null}
        </p>
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
          <VersionChanges
            diff={diff}
            href={`${versionHref(version.number)}&against=${base.number}`}
            kind={wish.success ? wish.data.kind : undefined}
          />
        </section>
      ) : null}
      <section className={styles.section} aria-labelledby="lineage">
        <h2 id="lineage">Where it came from, where it went</h2>
        <VersionLineageMap lineage={lineage} project={slug} contentSha256={version.contentSha256 ?? ''} />
      </section>
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

interface OfVersion {
  scope: ProjectScope
  dataset: DatasetDetail
  version: DatasetVersion
}

export async function Checks({ scope, dataset, version }: OfVersion) {
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
export async function Card({ scope, dataset, version }: OfVersion) {
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

export async function Rows({ scope, dataset, version, given }: Omit<ShownProps, 'frozen'>) {
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
        rowHref={number =>
          `/p/${scope.project.slug}/datasets/${dataset.slug}/rows/${number}?v=${version.number}`
        }
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
