'use client'
import { useRouter } from 'next/navigation'
import { useEffect, useEffectEvent, useState } from 'react'
import type { Job } from '@/contract/v1/jobs'
import { createClient } from '@/sdk/client'
import styles from './specification.module.css'

const client = createClient()
const lookEveryMs = 500
const runs = (job: Job) => job.state === 'queued' || job.state === 'running'
const items = (count: number) => (count === 1 ? '1 item' : `${count} items`)

/** How it ended, in sentences. */
function endOf({ state, result, error, message }: Job): string {
  if (state === 'failed') return error ?? 'It failed. What was sent back by then stays so.'
  const moved = Number(result?.moved ?? 0)
  const left = Number(result?.left ?? 0)
  const back = message?.startsWith('Taking')
  if (state === 'cancelled') return 'Sending items back was stopped.'
  return [
    back
      ? `${items(moved)} ${moved === 1 ? 'stands' : 'stand'} again as before the change.`
      : `${items(moved)} went back to be judged again.`,
    left > 0
      ? `${items(left)} stayed as ${left === 1 ? 'it was' : 'they were'}: somebody works on ${left === 1 ? 'it' : 'them'}, or waits for a reply.`
      : '',
  ].join(' ')
}

/** How far the latest sending back of items is, and how it ended. */
export function SentBack({ project, job: known }: { project: string; job: Job }) {
  const router = useRouter()
  const [seen, setSeen] = useState(known)
  const job = runs(seen) ? seen : runs(known) ? seen : known
  const following = runs(job)
  const ended = useEffectEvent(() => router.refresh())
  useEffect(() => {
    if (!following) return
    let over = false
    const look = async () => {
      while (!over) {
        await new Promise(resolve => setTimeout(resolve, lookEveryMs))
        const now = await client
          .request<Job>('GET', `/projects/${project}/jobs/${known.id}`)
          .catch(() => null)
        if (over || !now) continue
        setSeen(now)
        if (!runs(now)) {
          over = true
          ended()
        }
      }
    }
    void look()
    return () => {
      over = true
    }
  }, [following, project, known.id])
  return (
    <div className={styles.sentBack}>
      {following ? (
        <progress
          aria-label="Items sent back"
          max={job.total ?? undefined}
          value={job.total ? job.done : undefined}
        />
      ) : null}
      <p role="status">{following ? (job.message ?? 'Waiting for its turn.') : endOf(job)}</p>
    </div>
  )
}
