'use client'
import { ArrowUp, CircleSlash } from 'lucide-react'
import type { SetStageAnswer, Stage } from '@/contract/v1/models'
import { useChange } from '../shell/use-change'
import { ConfirmInline } from '../ui/confirm-inline'
import { ErrorNote } from '../ui/error-note'
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
  const { run, tell, refusal } = useChange(slug)
  const move = async (to: Stage, done: string) => {
    const answer = await run<SetStageAnswer>(
      'stage',
      'POST',
      `/projects/${slug}/model-versions/${versionId}/stage`,
      {
        stage: to,
      },
    )
    if (answer) tell(done, answer.actionId, 'Undone. The stages are as they were.')
  }

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
      {refusal ? (
        <ErrorNote title="That didn’t go through. Nothing changed." code={refusal.code}>
          {refusal.detail}
        </ErrorNote>
      ) : null}
    </div>
  )
}
