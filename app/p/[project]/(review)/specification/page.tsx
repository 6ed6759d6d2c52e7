import type { Metadata } from 'next'
import Link from 'next/link'
import { Markdown } from '@/components/review/markdown'
import { Keycap } from '@/components/ui/keycap'
import { PageHeader } from '@/components/ui/page-header'
import { RelativeTime } from '@/components/ui/relative-time'
import { StatusLane } from '@/components/ui/status-lane'
import type { SpecificationView } from '@/contract/v1/specification'
import { isAmendError } from '@/domain/errors'
import type { ProjectScope } from '@/server/access'
import { listPrecedents } from '@/server/list-precedents'
import { listSpecifications, readSpecification } from '@/server/list-specification'
import { requireProjectPage } from '@/server/page-access'
import { GuidelineDiff } from './guideline-diff'
import { GuidelineEditor } from './guideline-editor'
import { PrecedentList } from './precedent-list'
import { SentBack } from './sent-back'
import styles from './specification.module.css'
import { VersionList } from './version-list'

export const metadata: Metadata = { title: 'Guideline' }

interface Props {
  params: Promise<{ project: string }>
  searchParams: Promise<{ version?: string | string[] }>
}

export default async function SpecificationPage({ params, searchParams }: Props) {
  const [{ project: slug }, { version }] = await Promise.all([params, searchParams])
  const here = `/p/${slug}/specification`
  const scope = await requireProjectPage(slug, 'specification.view', here)
  const [{ versions, sentBack }, current, named, { precedents }] = await Promise.all([
    listSpecifications(scope),
    readSpecification(scope, 'latest'),
    readNamed(scope, version),
    listPrecedents(scope),
  ])
  const shown = named ?? current
  const mayManage = scope.can('specification.manage')
  const shownPrecedents = precedents.filter(one => one.withdrawnAt === null).length
  return (
    <>
      <div className={styles.page}>
        <PageHeader
          title="Guideline"
          meta={`Version ${current.version}. Every answer carries the version that it was given under.`}
        />
        {sentBack && mayManage ? <SentBack key={sentBack.id} project={slug} job={sentBack} /> : null}
        {shown.current ? null : (
          <p className={styles.old} role="note">
            This is version {shown.version}. Version {current.version} is in force.{' '}
            <Link href={here}>Read that one</Link>
          </p>
        )}
        {mayManage && shown.current ? (
          // A new version, or the undo of one, is edited anew; what is being written now keeps its place.
          <GuidelineEditor project={slug} current={current} />
        ) : null}
        <div className={styles.columns}>
          <section className={styles.part} aria-labelledby="guideline">
            <h2 id="guideline">What counts as good</h2>
            {shown.markdown ? (
              <Markdown text={shown.markdown} />
            ) : (
              <p className={styles.quiet}>
                {mayManage
                  ? 'Nothing is written yet. Edit it, and everybody who reviews reads it beside their work.'
                  : 'Nothing is written yet. A curator writes it.'}
              </p>
            )}
            {named?.before !== undefined && named?.before !== null ? (
              <>
                <h3>Against version {named.version - 1}</h3>
                <GuidelineDiff before={named.before} after={named.markdown} />
              </>
            ) : null}
          </section>
          <section className={styles.part} aria-labelledby="reasons">
            <h2 id="reasons">Reasons against a suggestion</h2>
            <ol className={styles.reasons}>
              {shown.reasons.map((reason, at) => (
                <li key={reason.code}>
                  <Keycap chord={String(at + 1)} />
                  <span dir="auto">{reason.words}</span>
                  <code>{reason.code}</code>
                </li>
              ))}
            </ol>
          </section>
        </div>
        <section className={styles.part} aria-labelledby="precedents">
          <h2 id="precedents">Precedents</h2>
          <PrecedentList
            project={slug}
            precedents={precedents}
            mayManage={mayManage}
            words={Object.fromEntries(
              versions.toReversed().flatMap(one => one.reasons.map(r => [r.code, r.words])),
            )}
          />
        </section>
        <section className={styles.part} aria-labelledby="versions">
          <h2 id="versions">Versions</h2>
          <VersionList here={here} versions={versions} shown={shown.version} />
        </section>
      </div>
      <StatusLane
        state={
          <>
            Version {current.version}
            {current.createdAt ? (
              <>
                , published <RelativeTime at={current.createdAt} show="full" />
              </>
            ) : null}
            {shownPrecedents > 0
              ? `, ${shownPrecedents === 1 ? '1 precedent' : `${shownPrecedents} precedents`}`
              : ''}
          </>
        }
      />
    </>
  )
}

/** The version that the address names; a number of none is as none. */
async function readNamed(
  scope: ProjectScope,
  version: string | string[] | undefined,
): Promise<SpecificationView | null> {
  if (typeof version !== 'string' || !/^[1-9]\d{0,8}$/.test(version)) return null
  return readSpecification(scope, version).catch((error: unknown) => {
    if (isAmendError(error)) return null
    throw error
  })
}
