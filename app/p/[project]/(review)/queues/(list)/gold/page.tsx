import type { Metadata } from 'next'
import { EmptyState } from '@/components/ui/empty-state'
import { PageHeader } from '@/components/ui/page-header'
import { StatusLane } from '@/components/ui/status-lane'
import { pagePermissions } from '@/domain/page-permission'
import { findWorkSpecification } from '@/server/find-specification'
import { listGold, listGoldCandidates, listGoldGrounds } from '@/server/list-gold'
import { requireProjectPage } from '@/server/page-access'
import styles from './gold.module.css'
import { GoldCandidates, GoldGrounds, GoldList } from './gold-list'

export const metadata: Metadata = { title: 'Gold' }

const perPage = 30
const otherPerPage = 10

interface Props {
  params: Promise<{ project: string }>
  searchParams: Promise<{ gold?: string; candidates?: string; items?: string }>
}

export default async function GoldPage({ params, searchParams }: Props) {
  const [{ project: slug }, search] = await Promise.all([params, searchParams])
  const scope = await requireProjectPage(slug, pagePermissions['queues/gold'], `/p/${slug}/queues/gold`)
  const [gold, settled, others, { reasons }] = await Promise.all([
    listGold(scope, { limit: perPage, cursor: search.gold }),
    listGoldCandidates(scope, { limit: perPage, cursor: search.candidates }),
    listGoldGrounds(scope, { limit: otherPerPage, cursor: search.items }),
    findWorkSpecification(scope.projectId),
  ])
  const inUse = gold.items.filter(item => item.retiredAt === null).length
  return (
    <>
      <div className={styles.page}>
        <PageHeader
          title="Gold"
          meta="Items whose truth is known. To measure, they are handed out hidden among others, as often as a queue says; for practice, before a queue counts. They never leave as training data."
        />
        <section className={styles.part} aria-labelledby="gold">
          <h2 id="gold">Known truths</h2>
          <p className={styles.quiet}>{practiceWords(gold.practiceItems)}</p>
          {gold.items.length === 0 ? (
            <EmptyState title="No truth is set yet.">
              Set one below, from a resolved item or by judging any other.
            </EmptyState>
          ) : (
            <GoldList project={slug} items={gold.items} reasons={reasons} />
          )}
          {gold.nextCursor ? <a href={`?gold=${encodeURIComponent(gold.nextCursor)}`}>Older ones</a> : null}
        </section>
        <section className={styles.part} aria-labelledby="settled">
          <h2 id="settled">From resolved items</h2>
          {settled.candidates.length === 0 ? (
            <EmptyState title="Nothing resolved is left.">
              Items appear here when their answers have settled them.
            </EmptyState>
          ) : (
            <GoldCandidates project={slug} candidates={settled.candidates} />
          )}
          {settled.nextCursor ? (
            <a href={`?candidates=${encodeURIComponent(settled.nextCursor)}`}>Older ones</a>
          ) : null}
        </section>
        <section className={styles.part} aria-labelledby="others">
          <h2 id="others">By your own verdicts</h2>
          {others.items.length === 0 ? (
            <EmptyState title={others.nextCursor ? 'None among these.' : 'No other item has a suggestion.'}>
              Gold needs something to judge: items appear here when a model has suggested something for them.
            </EmptyState>
          ) : (
            <GoldGrounds
              project={slug}
              taskType={scope.project.taskType}
              reasons={reasons}
              items={others.items}
            />
          )}
          {others.nextCursor ? (
            <a href={`?items=${encodeURIComponent(others.nextCursor)}#others`}>Older ones</a>
          ) : null}
        </section>
      </div>
      <StatusLane
        state={inUse === 1 ? '1 gold item shown is in use' : `${inUse} gold items shown are in use`}
      />
    </>
  )
}

const practiceWords = (n: number) =>
  n === 0
    ? 'None is for practice yet. A queue can ask for a practice round of as many items as there are.'
    : `${n === 1 ? '1 is' : `${n} are`} for practice, so a queue can ask for a round of up to ${n}.`
