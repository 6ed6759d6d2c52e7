'use client'
import { Lock } from 'lucide-react'
import { useRouter } from 'next/navigation'
import { useEffect, useEffectEvent, useState } from 'react'
import type { DatasetVersion } from '@/contract/v1/datasets'
import { ApiError, createClient } from '@/sdk/client'
import { Button } from '../ui/button'
import { ErrorNote } from '../ui/error-note'
import { useToast } from '../ui/toast'
import { said } from './dataset-words'
import styles from './freeze-button.module.css'

const client = createClient()
const lookEveryMs = 400

export interface FreezeButtonProps {
  project: string
  dataset: string
  /** The version that is being frozen when the page is drawn. */
  running: DatasetVersion | null
  /** The newest version, where it could not be frozen. */
  failed: DatasetVersion | null
  /** The only big thing to do here, while there is nothing to download. */
  primary: boolean
}

const whyNot = ({ number, job }: DatasetVersion) =>
  job?.error ?? `Version ${number} could not be frozen. Nothing was kept of it; freeze again.`

/** Freezes the next version, shows how far it is, and takes the page there. */
export function FreezeButton({ project, dataset, running, failed, primary }: FreezeButtonProps) {
  const router = useRouter()
  const toast = useToast()
  const [seen, setSeen] = useState(running)
  const [busy, setBusy] = useState<'start' | 'cancel' | null>(null)
  const [refused, setRefused] = useState<{ title: string; code?: string } | null>(
    failed && { title: whyNot(failed) },
  )
  // What the page knows may be older than what was seen here, or a freeze that somebody else has started since.
  // One that its checks held back goes on under the same number.
  const newer = running && (running.number > (seen?.number ?? 0) || seen?.state === 'blocked')
  const version = newer ? running : seen
  const path = `/projects/${project}/datasets/${dataset}/versions`
  const followed = version?.state === 'freezing' ? version.number : null

  const ended = useEffectEvent((now: DatasetVersion) => {
    setBusy(null)
    if (now.state === 'frozen') {
      toast.show({ icon: <Lock />, text: `Version ${now.number} is frozen: ${said(now.rows)} rows.` })
      router.push(`/p/${project}/datasets/${dataset}?v=${now.number}`)
    } else if (now.state === 'blocked')
      toast.show({ text: `Version ${now.number} waits: a blocking check found something.` })
    else if (now.state === 'failed') setRefused({ title: whyNot(now) })
    else toast.show({ text: `Cancelled. Nothing was kept of version ${now.number}.` })
    router.refresh()
  })
  useEffect(() => {
    if (followed === null) return
    let over = false
    const look = async () => {
      while (!over) {
        await new Promise(resolve => setTimeout(resolve, lookEveryMs))
        const now = await client.request<DatasetVersion>('GET', `${path}/${followed}`).catch(() => null)
        if (over || !now) continue
        setSeen(now)
        if (now.state !== 'freezing') {
          over = true
          ended(now)
        }
      }
    }
    void look()
    return () => {
      over = true
    }
  }, [followed, path])

  const attempt = async (what: 'start' | 'cancel', work: () => Promise<void>) => {
    setBusy(what)
    setRefused(null)
    try {
      await work()
      if (what === 'start') setBusy(null)
    } catch (error) {
      setBusy(null)
      setRefused(
        error instanceof ApiError
          ? { title: error.detail, code: error.code }
          : { title: 'Something failed here. Nothing changed.', code: 'page_failed' },
      )
    }
  }
  const start = () =>
    attempt('start', async () => setSeen(await client.request<DatasetVersion>('POST', path)))
  const cancel = () =>
    attempt('cancel', async () => {
      await client.request('POST', `/projects/${project}/jobs/${version?.job?.id}/cancel`)
    })

  const job = version?.job
  return (
    <div className={styles.frame}>
      {version?.state === 'freezing' ? (
        <div className={styles.running}>
          <progress
            aria-label={`Freezing version ${version.number}`}
            max={job?.total ?? undefined}
            value={job?.total ? job.done : undefined}
          />
          <span role="status">{job?.message ?? 'Waiting for its turn.'}</span>
          <Button size="small" busy={busy === 'cancel' || job?.cancelRequested} onClick={() => void cancel()}>
            Cancel
          </Button>
        </div>
      ) : (
        <Button
          kind={primary ? 'primary' : 'secondary'}
          icon={<Lock />}
          busy={busy === 'start'}
          onClick={() => void start()}
        >
          Freeze a version
        </Button>
      )}
      {refused ? <ErrorNote title={refused.title} {...(refused.code ? { code: refused.code } : {})} /> : null}
    </div>
  )
}
