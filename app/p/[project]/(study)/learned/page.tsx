import type { Metadata } from 'next'
import { ShareCandidates } from '@/components/study/share-candidates'
import { SharedList } from '@/components/study/shared-list'
import { TrainingRows } from '@/components/study/training-rows'
import { EmptyState } from '@/components/ui/empty-state'
import { PageHeader } from '@/components/ui/page-header'
import { StatusLane } from '@/components/ui/status-lane'
import { isAmendError } from '@/domain/errors'
import type { ProjectScope } from '@/server/access'
import { listShareCandidates } from '@/server/list-share-candidates'
import { listSharedExamples } from '@/server/list-shared-examples'
import { listTrainingRows } from '@/server/list-training-rows'
import { requireProjectPage } from '@/server/page-access'
import styles from './learned.module.css'

export const metadata: Metadata = { title: 'Learned' }

const uuid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/
const perPage = 50

interface Search {
  version?: string
  after?: string
  candidates?: string
  shared?: string
}

export default async function LearnedPage({
  params,
  searchParams,
}: {
  params: Promise<{ project: string }>
  searchParams: Promise<Search>
}) {
  const [{ project: slug }, search] = await Promise.all([params, searchParams])
  const scope = await requireProjectPage(slug, 'learning.share', `/p/${slug}/learned`)
  const rows = await readRows(scope, search)
  const [{ candidates, nextCursor }, shared] = await Promise.all([
    listShareCandidates(scope, { limit: perPage, cursor: search.candidates }),
    listSharedExamples(scope, { limit: perPage, cursor: search.shared }),
  ])
  const active = shared.examples.filter(example => example.state === 'active').length
  return (
    <>
      <div className={styles.main}>
        <PageHeader
          title="Learned"
          meta="What people taught is suggested to themselves at once. To others only what you share here, or what three people wrote the same."
        />
        {rows ? <TrainingRows slug={slug} page={rows} /> : null}
        <section className={styles.part} aria-labelledby="to-share">
          <h2 id="to-share">To share</h2>
          <p className={styles.quiet}>
            Names, numbers, addresses, e-mails and links are taken out by rules, which miss names in small
            letters, numbers in words, and people who are only described. Read before you share.
          </p>
          {candidates.length === 0 ? (
            <EmptyState title="Nothing new was taught.">
              It appears here when somebody corrects a suggestion or writes their own, and allows training.
            </EmptyState>
          ) : (
            <ShareCandidates slug={slug} candidates={candidates} />
          )}
          {nextCursor ? <a href={`?candidates=${encodeURIComponent(nextCursor)}`}>Older ones</a> : null}
        </section>
        <section className={styles.part} aria-labelledby="shared">
          <h2 id="shared">Shared</h2>
          {shared.examples.length === 0 ? (
            <p className={styles.quiet}>Nothing is shared.</p>
          ) : (
            <SharedList slug={slug} examples={shared.examples} />
          )}
          {shared.nextCursor ? (
            <a href={`?shared=${encodeURIComponent(shared.nextCursor)}`}>Older ones</a>
          ) : null}
        </section>
      </div>
      <StatusLane
        state={
          active === 1
            ? '1 example is suggested to everybody'
            : `${active} examples are suggested to everybody`
        }
      />
    </>
  )
}

/** The rows of the version that the address names; an id of no version is as none. */
async function readRows(scope: ProjectScope, { version, after }: Search) {
  if (!version || !uuid.test(version)) return null
  return listTrainingRows(scope, version, Math.max(0, Number.parseInt(after ?? '0', 10) || 0)).catch(
    (error: unknown) => {
      if (isAmendError(error)) return null
      throw error
    },
  )
}
