'use client'
import { ArrowUp, CircleSlash, EyeOff, FlaskConical, Undo2 } from 'lucide-react'
import { useState } from 'react'
import type { SetStageAnswer, Stage } from '@/contract/v1/models'
import { percent } from '@/domain/percent'
import { useChange } from '../shell/use-change'
import { Button } from '../ui/button'
import { ErrorNote } from '../ui/error-note'
import { useKeys } from '../ui/use-keys'
import styles from './stage-actions.module.css'
import { StageMove } from './stage-move'

export interface StageActionsProps {
  slug: string
  versionId: string
  /** “Own model 2”. */
  name: string
  stage: Stage
  /** Of a canary: the share (0–1) of people whom it answers. */
  share: number | null
  /** Why it can’t answer anybody, or null. */
  outOfService: string | null
  mayPromote: boolean
  /** The one that the key for promoting opens. */
  takesKey: boolean
}

type Open = Stage | null

/** Moves a version from stage to stage: previewed in place, told in a toast, undone from it. */
export function StageActions(props: StageActionsProps) {
  const { slug, versionId, name, stage, outOfService, mayPromote, takesKey } = props
  const { run, tell, busy, refusal } = useChange(slug)
  const [open, setOpen] = useState<Open>(null)
  const off = outOfService ? `Out of service: ${outOfService}` : null
  useKeys('Models', [
    { chord: 'p', label: 'promote', enabled: takesKey && mayPromote, run: () => setOpen('live') },
  ])
  const move = async (to: Stage, share: number | null) => {
    const answer = await run<SetStageAnswer>(
      'stage',
      'POST',
      `/projects/${slug}/model-versions/${versionId}/stage`,
      to === 'canary' ? { stage: to, share } : { stage: to },
    )
    if (!answer) return
    setOpen(null)
    tell(doneWords[to](name, share), answer.actionId, 'Undone. The stages are as they were.')
  }

  const answers = stage === 'live' || stage === 'canary'
  if (answers && !mayPromote) return null
  if (open)
    return (
      <StageMove
        slug={slug}
        versionId={versionId}
        name={name}
        to={open}
        presentShare={stage === 'canary' ? props.share : null}
        busy={busy === 'stage'}
        refusal={refusal}
        onConfirm={share => void move(open, share)}
        onCancel={() => setOpen(null)}
      />
    )
  return (
    <div className={styles.actions}>
      {stage !== 'live' && mayPromote ? (
        <>
          <Button
            size="small"
            icon={<ArrowUp />}
            {...(takesKey ? { keyHint: 'p' } : {})}
            disabledReason={off}
            onClick={() => setOpen('live')}
          >
            Put live
          </Button>
          <Button
            kind="quiet"
            size="small"
            icon={<FlaskConical />}
            disabledReason={off}
            onClick={() => setOpen('canary')}
          >
            {stage === 'canary' ? 'Change its share' : 'Try on some people'}
          </Button>
        </>
      ) : null}
      {stage === 'candidate' || stage === 'retired' ? (
        <Button
          kind="quiet"
          size="small"
          icon={<EyeOff />}
          disabledReason={off}
          onClick={() => setOpen('shadow')}
        >
          Run unseen
        </Button>
      ) : null}
      {stage === 'shadow' || stage === 'canary' ? (
        <Button kind="quiet" size="small" icon={<Undo2 />} onClick={() => setOpen('candidate')}>
          {stage === 'canary' ? 'End the trial' : 'Stop running unseen'}
        </Button>
      ) : null}
      {stage === 'retired' ? null : (
        <Button kind="quiet" size="small" icon={<CircleSlash />} onClick={() => setOpen('retired')}>
          Retire
        </Button>
      )}
      {refusal ? (
        <ErrorNote title="That didn’t go through. Nothing changed." code={refusal.code}>
          {refusal.detail}
        </ErrorNote>
      ) : null}
    </div>
  )
}

const doneWords: Record<Stage, (name: string, share: number | null) => string> = {
  live: name => `${name} is live.`,
  canary: (name, share) => `${name} answers ${percent(share ?? 0)} of people.`,
  shadow: name => `${name} runs unseen behind each answer.`,
  candidate: name => `${name} is a candidate.`,
  retired: name => `${name} is retired.`,
}
