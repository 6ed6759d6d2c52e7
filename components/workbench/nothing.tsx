'use client'
import Link from 'next/link'
import type { RefObject } from 'react'
import type { QueueView } from '@/contract/v1/review'
import type { Outbox } from '@/sdk/outbox'
import { Button } from '../ui/button'
import { EmptyState } from '../ui/empty-state'
import { ErrorNote } from '../ui/error-note'
import { Skeleton } from '../ui/skeleton'
import type { Fetching } from './desk-types'
import styles from './nothing.module.css'
import { useOutboxStateOf } from './review-kit'

interface Props {
  queue: QueueView
  project: string
  fetching: Fetching
  outbox: Outbox
  elsewhere: boolean
  title: RefObject<HTMLHeadingElement | null>
  onAgain: () => void
  onHere: () => void
}

/** Where the item would be while none is in hand: on its way, not to be had now, or none left. */
export function Nothing({ queue, project, fetching, outbox, elsewhere, title, onAgain, onHere }: Props) {
  const waiting = useOutboxStateOf(outbox).decisions
  return (
    <section className={styles.nothing} aria-labelledby="item-title">
      <h1 id="item-title" ref={title} tabIndex={-1} className="visually-hidden">
        {queue.name}
      </h1>
      {elsewhere ? (
        <EmptyState
          title="You went on with this queue in another tab."
          action={<Button onClick={onHere}>Work here instead</Button>}
        >
          What you began is kept, and goes on there.
        </EmptyState>
      ) : fetching.state === 'none' ? (
        <EmptyState title={noneTitle(queue)} action={<Button onClick={onAgain}>Look again</Button>}>
          {noneWords(queue)}{' '}
          <Link href={`/p/${project}/queues`} prefetch={false}>
            Other queues
          </Link>
        </EmptyState>
      ) : fetching.state === 'failed' ? (
        <ErrorNote title={failedTitle(fetching, waiting)} code={fetching.code} onRetry={onAgain}>
          {fetching.detail}
        </ErrorNote>
      ) : (
        <Skeleton lines={['40%', '100%', '100%', '70%']} lineHeight="1.75rem" />
      )}
    </section>
  )
}

function failedTitle({ passing }: Fetching & { state: 'failed' }, waiting: number): string {
  const safe =
    waiting > 0 ? ` ${waiting === 1 ? 'Your answer is' : 'Your answers are'} safe on this device.` : ''
  return passing ? `The next item did not arrive.${safe}` : `There is no next item.${safe}`
}

function noneTitle({ state, closedToMe }: QueueView): string {
  if (closedToMe) return 'This queue is for other people.'
  if (state === 'paused') return 'This queue is paused.'
  return state === 'closed' ? 'This queue is closed.' : 'No more items for you here.'
}

function noneWords({ state, items, resolved, leased, mine, closedToMe }: QueueView): string {
  if (closedToMe) return closedToMe
  if (state === 'paused') return 'A curator holds it back for now. What you answered counts.'
  if (state === 'closed') return 'What you answered counts.'
  const yours = mine > 0 ? `You answered ${mine}. ` : ''
  if (items === 0) return 'Nothing was selected yet: a curator can fill the queue.'
  if (leased > 0)
    return `${yours}${leased === 1 ? '1 item is' : `${leased} items are`} in other hands; one that is let go comes to you.`
  if (resolved < items) return `${yours}${resolved} of ${items} are done; the others wait for other people.`
  return `${yours}All ${items} are done. A curator can fill the queue again.`
}
