'use client'
import { useRouter } from 'next/navigation'
import { useEffect, useEffectEvent, useState } from 'react'
import type { Evaluation } from '@/contract/v1/evaluations'
import type { Job } from '@/contract/v1/jobs'
import { createClient } from '@/sdk/client'
import { Button } from '../ui/button'
import styles from './evaluation.module.css'

const client = createClient()
const lookEveryMs = 500

interface Props {
  slug: string
  evaluationId: string
  job: Job | null
  mayCancel: boolean
}

/** How far an evaluation is; the page draws itself anew when it has ended. */
export function EvaluationProgress({ slug, evaluationId, job: first, mayCancel }: Props) {
  const router = useRouter()
  const [job, setJob] = useState(first)
  const ended = useEffectEvent(() => router.refresh())
  useEffect(() => {
    let over = false
    const look = async () => {
      while (!over) {
        await new Promise(resolve => setTimeout(resolve, lookEveryMs))
        const now = await client
          .request<Evaluation>('GET', `/projects/${slug}/evaluations/${evaluationId}`)
          .catch(() => null)
        if (over || !now) continue
        setJob(now.job)
        if (now.state !== 'running') {
          over = true
          ended()
        }
      }
    }
    void look()
    return () => {
      over = true
    }
  }, [slug, evaluationId])
  return (
    <div className={styles.form}>
      <progress
        aria-label="Evaluating"
        max={job?.total ?? undefined}
        value={job?.total ? job.done : undefined}
      />
      <span role="status">
        {job?.state === 'running' && job.total
          ? `${job.message ?? 'Asking the model'}: ${job.done.toLocaleString('en')} of ${job.total.toLocaleString('en')} rows`
          : 'Waiting for its turn'}
      </span>
      {mayCancel && job ? (
        <Button
          size="small"
          busy={job.cancelRequested}
          onClick={() =>
            void client.request('POST', `/projects/${slug}/jobs/${job.id}/cancel`).catch(() => {})
          }
        >
          Cancel
        </Button>
      ) : null}
    </div>
  )
}
