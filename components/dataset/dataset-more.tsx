'use client'
import { Archive, ArchiveRestore, Undo2 } from 'lucide-react'
import { useRouter } from 'next/navigation'
import { useState } from 'react'
import type { MadeDataset } from '@/contract/v1/datasets'
import { ApiError, createClient } from '@/sdk/client'
import { Button, ButtonLink } from '../ui/button'
import { ConfirmInline } from '../ui/confirm-inline'
import { ErrorNote } from '../ui/error-note'
import { useToast } from '../ui/toast'
import styles from './dataset-more.module.css'

const client = createClient()

export interface DatasetMoreProps {
  project: string
  dataset: string
  archived: boolean
  /** The freeze of the shown version, while it can be taken back. */
  freeze: { actionId: string; number: number } | null
}

/** What is rarely done to a dataset: change it, take a freeze back, put it away. Each can be undone. */
export function DatasetMore({ project, dataset, archived, freeze }: DatasetMoreProps) {
  const router = useRouter()
  const toast = useToast()
  const [refused, setRefused] = useState<{ detail: string; code: string } | null>(null)
  const attempt = async (work: () => Promise<void>) => {
    setRefused(null)
    try {
      await work()
      router.refresh()
    } catch (error) {
      setRefused(
        error instanceof ApiError
          ? { detail: error.detail, code: error.code }
          : { detail: 'Something failed here. Nothing changed.', code: 'page_failed' },
      )
    }
  }
  const undo = (actionId: string, text: string) =>
    attempt(async () => {
      await client.request('POST', `/projects/${project}/actions/${actionId}/undo`, {})
      toast.show({ icon: <Undo2 />, text })
    })
  const archive = (on: boolean) =>
    attempt(async () => {
      const { actionId } = await client.request<MadeDataset>(
        'PATCH',
        `/projects/${project}/datasets/${dataset}`,
        {
          archived: on,
        },
      )
      toast.show({
        text: on ? 'Archived. Its versions stay.' : 'Back in use.',
        actionLabel: 'Undo',
        keyHint: 'z',
        onAction: () => void undo(actionId, 'Undone.'),
      })
    })
  return (
    <div className={styles.more}>
      {archived ? (
        <Button size="small" icon={<ArchiveRestore />} onClick={() => void archive(false)}>
          Bring back
        </Button>
      ) : (
        <>
          <ButtonLink size="small" href={`/p/${project}/datasets/${dataset}?change=1`}>
            Change
          </ButtonLink>
          {freeze ? (
            <ConfirmInline
              size="small"
              label={`Withdraw v${freeze.number}`}
              question="Its file stays as it is, marked as not to be used."
              confirmLabel="Withdraw it"
              onConfirm={() => undo(freeze.actionId, `Version ${freeze.number} is withdrawn.`)}
            />
          ) : null}
          <Button size="small" kind="quiet" icon={<Archive />} onClick={() => void archive(true)}>
            Archive
          </Button>
        </>
      )}
      {refused ? <ErrorNote title={refused.detail} code={refused.code} /> : null}
    </div>
  )
}
