'use client'
import { Plus } from 'lucide-react'
import { useRouter } from 'next/navigation'
import { useEffect } from 'react'
import { ConnectionWords } from '@/components/inbox/connection-words'
import type { OutboxOwner } from '@/components/inbox/person-outbox'
import { ButtonLink } from '@/components/ui/button'
import { EmptyState } from '@/components/ui/empty-state'
import { PageHeader } from '@/components/ui/page-header'
import { StatusLane } from '@/components/ui/status-lane'
import { useDelivery } from '@/components/workbench/review-kit'
import type { QueueView } from '@/contract/v1/review'
import { QueueRow } from './queue-row'
import styles from './queues.module.css'

interface Props {
  owner: OutboxOwner
  queues: QueueView[]
  mayManage: boolean
  now: string
}

const fillingLookMs = 3_000

/** Every queue with how far it is and what waits for the reader; curators make and steer them. */
export function Queues({ owner, queues, mayManage, now }: Props) {
  const outbox = useDelivery(owner)
  const router = useRouter()
  const filling = queues.some(queue => queue.jobId !== null)
  useEffect(() => {
    if (!filling) return
    const timer = setInterval(() => router.refresh(), fillingLookMs)
    return () => clearInterval(timer)
  }, [filling, router])
  const first = queues.find(queue => queue.state === 'open' && queue.openForMe > 0)
  const open = queues.reduce((sum, queue) => sum + (queue.state === 'open' ? queue.openForMe : 0), 0)
  return (
    <>
      <div className={styles.page}>
        <PageHeader
          title="Review"
          meta="Items that wait for a person’s verdict, by the rule that selected them."
          actions={
            mayManage ? (
              <ButtonLink icon={<Plus />} href={`/p/${owner.slug}/queues/new`} prefetch={false}>
                New queue
              </ButtonLink>
            ) : null
          }
        />
        {queues.length === 0 ? (
          <EmptyState title="No queues yet.">
            {mayManage
              ? 'A queue selects items by a rule that is recorded with each of them. Make one above.'
              : 'A curator makes them. What waits for you will stand here.'}
          </EmptyState>
        ) : (
          <ul className={styles.list} aria-label="Queues">
            {queues.map(queue => (
              <QueueRow
                key={queue.id}
                project={owner.slug}
                queue={queue}
                primary={queue === first}
                mayManage={mayManage}
                now={now}
              />
            ))}
          </ul>
        )}
      </div>
      <StatusLane
        state={
          outbox.waiting > 0 || outbox.refused.length > 0 ? (
            <ConnectionWords state={outbox} />
          ) : open === 1 ? (
            '1 item is open for you'
          ) : (
            `${open} items are open for you`
          )
        }
      />
    </>
  )
}
