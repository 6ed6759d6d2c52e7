'use client'
import { ListPlus } from 'lucide-react'
import { useRouter } from 'next/navigation'
import type { ChangeQueueAnswer } from '@/contract/v1/review'
import { useChange } from '../shell/use-change'
import { Button } from '../ui/button'

/** One step from something weak or drifted to people who look at it; undone from the toast. */
export function MakeQueue({
  slug,
  name,
  slice,
  receivedFrom,
}: {
  slug: string
  /** Of the queue. */
  name: string
  slice: { name: string; value: string }
  receivedFrom?: string
}) {
  const { run, tell, busy, refusal } = useChange(slug)
  const router = useRouter()
  const make = async () => {
    const answer = await run<ChangeQueueAnswer>('make', 'POST', `/projects/${slug}/queues`, {
      name,
      rule: {
        strategy: 'random',
        rate: 1,
        budget: 100,
        filters: { slice, ...(receivedFrom ? { receivedFrom: `${receivedFrom}T00:00:00Z` } : {}) },
      },
    })
    if (!answer) return
    tell(`The queue “${name}” is made.`, answer.actionId, 'Undone. The queue is closed.')
    router.prefetch(`/p/${slug}/queues`)
  }
  return (
    <Button
      size="small"
      kind="quiet"
      icon={<ListPlus />}
      busy={busy === 'make'}
      aria-label={`Make a queue: ${name}`}
      disabledReason={refusal ? refusal.detail : null}
      onClick={make}
    >
      Make a queue
    </Button>
  )
}
