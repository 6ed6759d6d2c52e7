'use client'
import { ArrowUp, CircleSlash, Undo2 } from 'lucide-react'
import { useRouter } from 'next/navigation'
import { useState, useTransition } from 'react'
import type { SetStageAnswer, Stage } from '@/contract/v1/models'
import { ApiError, createClient } from '@/sdk/client'
import { ConfirmInline } from '../ui/confirm-inline'
import { ErrorNote } from '../ui/error-note'
import { useToast } from '../ui/toast'
import styles from './stage-actions.module.css'

export interface StageActionsProps {
  slug: string
  versionId: string
  /** “Own model 2”. */
  name: string
  stage: Stage
  /** What is live now, unless it is this one. */
  liveName: string | null
  /** Why it can’t go live, or null. */
  outOfService: string | null
  mayPromote: boolean
}

/** Puts a version live or takes it out. Asked in place, told in a toast, undone from it. */
export function StageActions({
  slug,
  versionId,
  name,
  stage,
  liveName,
  outOfService,
  mayPromote,
}: StageActionsProps) {
  const router = useRouter()
  const toast = useToast()
  const [refused, setRefused] = useState<{ detail: string; code: string } | null>(null)
  const [, startTransition] = useTransition()
  const client = createClient()

  const attempt = async (work: () => Promise<void>) => {
    setRefused(null)
    try {
      await work()
      startTransition(() => router.refresh())
    } catch (error) {
      const known = error instanceof ApiError ? error : null
      setRefused({
        detail: known?.detail ?? 'Something failed here. Nothing changed.',
        code: known?.code ?? 'page_failed',
      })
    }
  }
  const move = (to: Stage, done: string) =>
    attempt(async () => {
      const answer = await client.request<SetStageAnswer>(
        'POST',
        `/projects/${slug}/model-versions/${versionId}/stage`,
        { stage: to },
      )
      toast.show({
        text: done,
        actionLabel: 'Undo',
        keyHint: 'z',
        onAction: () =>
          void attempt(async () => {
            await client.request('POST', `/projects/${slug}/actions/${answer.actionId}/undo`, {})
            toast.show({ icon: <Undo2 />, text: 'Undone. The stages are as they were.' })
          }),
      })
    })

  const live = stage === 'live'
  if (live && !mayPromote) return null
  return (
    <div className={styles.actions}>
      {!live && mayPromote ? (
        <ConfirmInline
          kind="secondary"
          size="small"
          icon={<ArrowUp />}
          label="Put live"
          disabledReason={outOfService ? `Out of service: ${outOfService}` : null}
          question={
            liveName
              ? `Everyone gets ${name}’s suggestions at once; ${liveName} is retired.`
              : `Everyone gets ${name}’s suggestions at once.`
          }
          confirmLabel={`Put ${name} live`}
          onConfirm={() => move('live', `${name} is live.`)}
        />
      ) : null}
      {stage === 'retired' ? null : (
        <ConfirmInline
          size="small"
          icon={<CircleSlash />}
          label="Retire"
          question={
            live
              ? 'No model would be live: everyone writes without suggestions.'
              : `${name} would take no more predictions.`
          }
          confirmLabel={`Retire ${name}`}
          onConfirm={() =>
            move('retired', live ? `${name} is retired. No model is live.` : `${name} is retired.`)
          }
        />
      )}
      {refused ? (
        <ErrorNote title="That didn’t go through. Nothing changed." code={refused.code}>
          {refused.detail}
        </ErrorNote>
      ) : null}
    </div>
  )
}
