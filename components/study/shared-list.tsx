'use client'
import { CircleSlash } from 'lucide-react'
import { useRouter } from 'next/navigation'
import { useState, useTransition } from 'react'
import type { SharedExample, WithdrawExampleAnswer } from '@/contract/v1/learning'
import { ApiError, createClient } from '@/sdk/client'
import { Button } from '../ui/button'
import { ErrorNote } from '../ui/error-note'
import { RelativeTime } from '../ui/relative-time'
import { useToast } from '../ui/toast'
import styles from './learned.module.css'

const reasons: Record<NonNullable<SharedExample['withdrawnReason']>, string> = {
  curator: 'Withdrawn by a curator',
  undone: 'Withdrawn: who taught it took it back, or allows training no more',
  'too-few': 'Withdrawn: fewer than three people stand by it',
  erased: 'Erased with what it came from',
}

/** What is or was suggested to everybody, with its way back. */
export function SharedList({ slug, examples }: { slug: string; examples: SharedExample[] }) {
  const router = useRouter()
  const toast = useToast()
  const [busy, setBusy] = useState<string | null>(null)
  const [refused, setRefused] = useState<{ id: string; detail: string; code: string } | null>(null)
  const [redrawing, startTransition] = useTransition()
  const client = createClient()
  const attempt = async (id: string, work: () => Promise<void>) => {
    setBusy(id)
    setRefused(null)
    try {
      await work()
      startTransition(() => router.refresh())
    } catch (error) {
      const known = error instanceof ApiError ? error : null
      setRefused({
        id,
        detail: known?.detail ?? 'Something failed here. Nothing changed.',
        code: known?.code ?? 'page_failed',
      })
    } finally {
      setBusy(null)
    }
  }
  const withdraw = (id: string) =>
    attempt(id, async () => {
      const answer = await client.request<WithdrawExampleAnswer>(
        'POST',
        `/projects/${slug}/shared-examples/${id}/withdraw`,
      )
      toast.show({
        icon: <CircleSlash />,
        text: 'Withdrawn. It is suggested to nobody else.',
        actionLabel: 'Undo',
        keyHint: 'z',
        onAction: () =>
          void attempt(id, async () => {
            await client.request('POST', `/projects/${slug}/actions/${answer.actionId}/undo`, {})
          }),
      })
    })
  return (
    <ul className={styles.list}>
      {examples.map(example => (
        <li
          key={example.id}
          className={styles.row}
          data-withdrawn={example.state === 'withdrawn' || undefined}
        >
          {example.media ? (
            // biome-ignore lint/performance/noImgElement: the picture comes from our own store in the size that it has there.
            <img
              className={styles.photo}
              src={`/api/v1/projects/${slug}/media/${example.media.id}`}
              alt="What the caption was written for"
            />
          ) : (
            <p className={styles.input} dir="auto">
              {example.input ?? 'The words were erased.'}
            </p>
          )}
          <p className={styles.text} dir="auto">
            {example.text ?? 'The words were erased.'}
          </p>
          <div className={styles.actions}>
            {example.state === 'active' ? (
              <Button
                size="small"
                icon={<CircleSlash />}
                busy={busy === example.id || (redrawing && busy === null)}
                onClick={() => void withdraw(example.id)}
              >
                Withdraw
              </Button>
            ) : null}
            <span className={styles.facts}>
              {example.withdrawnReason
                ? reasons[example.withdrawnReason]
                : example.source === 'curator'
                  ? 'Approved by a curator'
                  : 'Three people wrote the same'}
              , <RelativeTime at={example.createdAt} show="full" />
              {example.shown === 0
                ? ''
                : example.shown === 1
                  ? ', suggested once'
                  : `, suggested ${example.shown.toLocaleString('en')} times`}
            </span>
          </div>
          {refused?.id === example.id ? (
            <ErrorNote title="That didn’t go through." code={refused.code}>
              {refused.detail}
            </ErrorNote>
          ) : null}
        </li>
      ))}
    </ul>
  )
}
