import type { Metadata } from 'next'
import { EmptyState } from '@/components/ui/empty-state'
import { PageHeader } from '@/components/ui/page-header'
import { StatusLane } from '@/components/ui/status-lane'
import { pagePermissions } from '@/domain/page-permission'
import { listGold, listGoldCandidates } from '@/server/list-gold'
import { requireProjectPage } from '@/server/page-access'
import styles from './gold.module.css'
import { GoldCandidates, GoldList } from './gold-list'

export const metadata: Metadata = { title: 'Gold' }

const perPage = 30

interface Props {
  params: Promise<{ project: string }>
  searchParams: Promise<{ gold?: string; candidates?: string }>
}

export default async function GoldPage({ params, searchParams }: Props) {
  const [{ project: slug }, search] = await Promise.all([params, searchParams])
  const scope = await requireProjectPage(slug, pagePermissions['queues/gold'], `/p/${slug}/queues/gold`)
  const [gold, settled] = await Promise.all([
    listGold(scope, { limit: perPage, cursor: search.gold }),
    listGoldCandidates(scope, { limit: perPage, cursor: search.candidates }),
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
          {gold.items.length === 0 ? (
            <EmptyState title="No truth is set yet.">Set one from a resolved item below.</EmptyState>
          ) : (
            <GoldList project={slug} items={gold.items} />
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
      </div>
      <StatusLane
        state={inUse === 1 ? '1 gold item shown is in use' : `${inUse} gold items shown are in use`}
      />
    </>
  )
}
