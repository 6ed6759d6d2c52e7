'use client'
import { Archive, ArchiveRestore } from 'lucide-react'
import type { MadeDataset } from '@/contract/v1/datasets'
import { useChange } from '../shell/use-change'
import { Button, ButtonLink } from '../ui/button'
import { ConfirmInline } from '../ui/confirm-inline'
import { ErrorNote } from '../ui/error-note'
import styles from './dataset-more.module.css'

export interface DatasetMoreProps {
  project: string
  dataset: string
  archived: boolean
  /** The freeze of the shown version, while it can be taken back. */
  freeze: { actionId: string; number: number } | null
}

/** What is rarely done to a dataset: change it, take a freeze back, put it away. Each can be undone. */
export function DatasetMore({ project, dataset, archived, freeze }: DatasetMoreProps) {
  const { run, tell, undo, refusal } = useChange(project)
  const archive = async (on: boolean) => {
    const made = await run<MadeDataset>('archive', 'PATCH', `/projects/${project}/datasets/${dataset}`, {
      archived: on,
    })
    if (made) tell(on ? 'Archived. Its versions stay.' : 'Back in use.', made.actionId, 'Undone.')
  }
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
      {refusal ? <ErrorNote title={refusal.detail} code={refusal.code} /> : null}
    </div>
  )
}
