'use client'
import { GraduationCap } from 'lucide-react'
import { useRouter } from 'next/navigation'
import { useEffect, useEffectEvent, useState } from 'react'
import type { Job } from '@/contract/v1/jobs'
import type { TrainModelAnswer } from '@/contract/v1/learning'
import { ApiError, createClient } from '@/sdk/client'
import { Button } from '../ui/button'
import { ErrorNote } from '../ui/error-note'
import { SelectField } from '../ui/select-field'
import styles from './train-version.module.css'

const lookEveryMs = 500
const client = createClient()

interface Props {
  slug: string
  modelId: string
  /** A training that is under way. */
  runningJobId: string | null
  /** Frozen dataset versions to learn from as well. */
  datasets: { id: string; name: string }[]
  /** It is fitted on what came of items, and not told by what is shared. */
  fromOutcomes: boolean
}

/** Trains a new version from what is shared, and shows how far it is. */
export function TrainVersion({ slug, modelId, runningJobId, datasets, fromOutcomes }: Props) {
  const router = useRouter()
  const [jobId, setJobId] = useState(runningJobId)
  const [job, setJob] = useState<Job | null>(null)
  const [dataset, setDataset] = useState('')
  const [busy, setBusy] = useState(false)
  const [refused, setRefused] = useState<{ detail: string; code: string } | null>(null)
  const ended = useEffectEvent((last: Job) => {
    setJobId(null)
    if (last.state === 'failed')
      setRefused({ detail: last.error ?? 'It failed; no version was made.', code: 'training_failed' })
    router.refresh()
  })
  useEffect(() => {
    if (!jobId) return
    let over = false
    const look = async () => {
      while (!over) {
        const next = await client.request<Job>('GET', `/projects/${slug}/jobs/${jobId}`).catch(() => null)
        if (over) return
        if (next) setJob(next)
        if (next && ['done', 'failed', 'cancelled'].includes(next.state)) return ended(next)
        await new Promise(resolve => setTimeout(resolve, lookEveryMs))
      }
    }
    void look()
    return () => {
      over = true
    }
  }, [jobId, slug])
  const attempt = async (work: () => Promise<void>) => {
    setBusy(true)
    setRefused(null)
    try {
      await work()
    } catch (error) {
      const known = error instanceof ApiError ? error : null
      setRefused({
        detail: known?.detail ?? 'The server can’t be reached. Nothing was started; try again.',
        code: known?.code ?? 'page_failed',
      })
    } finally {
      setBusy(false)
    }
  }
  const start = () =>
    attempt(async () => {
      const answer = await client.request<TrainModelAnswer>(
        'POST',
        `/projects/${slug}/models/${modelId}/train`,
        dataset ? { datasetVersionId: dataset } : {},
      )
      setJob(null)
      setJobId(answer.jobId)
    })
  const cancel = () =>
    attempt(async () => {
      await client.request('POST', `/projects/${slug}/jobs/${jobId}/cancel`)
    })
  return (
    <div className={styles.train}>
      {jobId ? (
        <>
          <progress
            aria-label="Training"
            max={job?.total ?? undefined}
            value={job?.total ? job.done : undefined}
          />
          <span role="status">
            {job?.total
              ? `${job.done.toLocaleString('en')} of ${job.total.toLocaleString('en')} examples learned`
              : 'Waiting for its turn'}
          </span>
          <Button size="small" busy={busy || job?.cancelRequested} onClick={() => void cancel()}>
            Cancel
          </Button>
        </>
      ) : (
        <>
          {datasets.length > 0 ? (
            <SelectField
              label="Learn from"
              value={dataset}
              onChange={event => setDataset(event.target.value)}
              options={[
                { value: '', label: fromOutcomes ? 'every known outcome' : 'what is shared' },
                ...datasets.map(({ id, name }) => ({
                  value: id,
                  label: fromOutcomes ? name : `what is shared, and ${name}`,
                })),
              ]}
            />
          ) : null}
          <Button size="small" icon={<GraduationCap />} busy={busy} onClick={() => void start()}>
            Train a new version
          </Button>
          <span className={styles.quiet}>
            {dataset && !fromOutcomes
              ? 'A candidate, live for nobody. Once live it says texts of that dataset to everybody, with names, numbers, addresses and links taken out.'
              : 'A candidate, live for nobody yet.'}
          </span>
        </>
      )}
      {refused ? (
        <ErrorNote title="No version was trained." code={refused.code}>
          {refused.detail}
        </ErrorNote>
      ) : null}
    </div>
  )
}
