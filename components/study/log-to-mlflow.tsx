'use client'
import { Upload } from 'lucide-react'
import { useState } from 'react'
import type { LogMlflowAnswer } from '@/contract/v1/mlflow'
import { useChange } from '../shell/use-change'
import { Button } from '../ui/button'
import { ErrorNote } from '../ui/error-note'
import styles from './gates.module.css'

/** Tells the project's MLflow server of this version, and leads to its run there. */
export function LogToMlflow({ slug, versionId }: { slug: string; versionId: string }) {
  const [answer, setAnswer] = useState<LogMlflowAnswer | null>(null)
  const { run, busy, refusal } = useChange(slug)
  const log = async () =>
    setAnswer(
      await run<LogMlflowAnswer>(
        'log',
        'POST',
        `/projects/${slug}/model-versions/${versionId}/mlflow-run`,
        {},
      ),
    )
  return (
    <>
      <div className={styles.actions}>
        <Button size="small" icon={<Upload />} busy={busy === 'log'} onClick={() => void log()}>
          Log to MLflow
        </Button>
        <span role="status" className={styles.quiet}>
          {answer ? (
            <>
              <a href={answer.page} target="_blank" rel="noreferrer">
                {answer.again ? 'Its run in MLflow' : 'A run in MLflow'}
              </a>{' '}
              {answer.again ? 'is up to date.' : 'tells of it now.'}{' '}
              {answer.evaluationId ? '' : 'It was never measured here, so no metric went along. '}
              {answer.files ? '' : 'That server takes no files: the card is in the description alone.'}
            </>
          ) : (
            'Parameters, data, the latest evaluation, what its gate said, the card. One run a version.'
          )}
        </span>
      </div>
      {refusal ? <ErrorNote title={refusal.detail} code={refusal.code} /> : null}
    </>
  )
}
