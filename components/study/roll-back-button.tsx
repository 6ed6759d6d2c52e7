'use client'
import { Undo2 } from 'lucide-react'
import { useState } from 'react'
import type { SetStageAnswer } from '@/contract/v1/models'
import { useChange } from '../shell/use-change'
import { Button } from '../ui/button'
import { ErrorNote } from '../ui/error-note'
import { useKeys } from '../ui/use-keys'
import styles from './stage-move.module.css'

interface Props {
  slug: string
  /** Ends a trial, or puts the earlier version live; null where there is neither. */
  back: { kind: 'trial' | 'live'; name: string } | null
}

/** One act back, asked in place. */
export function RollBackButton({ slug, back }: Props) {
  const { run, tell, busy, refusal } = useChange(slug)
  const [asking, setAsking] = useState(false)
  useKeys('Models', [{ chord: 'b', label: 'roll back', enabled: back !== null, run: () => setAsking(true) }])
  if (!back) return null
  const label = back.kind === 'trial' ? `End the trial of ${back.name}` : `Roll back to ${back.name}`
  const go = async () => {
    const answer = await run<SetStageAnswer>('roll-back', 'POST', `/projects/${slug}/roll-back`, {})
    if (!answer) return
    setAsking(false)
    tell(
      back.kind === 'trial' ? `The trial of ${back.name} has ended.` : `${back.name} is live again.`,
      answer.actionId,
      'Undone. The stages are as they were.',
    )
  }
  if (!asking)
    return (
      <Button size="small" icon={<Undo2 />} keyHint="b" onClick={() => setAsking(true)}>
        {label}
      </Button>
    )
  return (
    // biome-ignore lint/a11y/useSemanticElements: a question with two answers is a group, not a form part.
    <div
      role="group"
      aria-label={label}
      className={styles.move}
      onKeyDown={event => {
        if (event.key !== 'Escape') return
        event.stopPropagation()
        setAsking(false)
      }}
    >
      <p>
        {back.kind === 'trial'
          ? 'The live version answers everyone again from the next suggestion on. Those whom it answered are told once.'
          : `${back.name} answers everyone from the next suggestion on, and everyone is told once.`}{' '}
        It can be undone.
      </p>
      {refusal ? (
        <ErrorNote title="That didn’t go through. Nothing changed." code={refusal.code}>
          {refusal.detail}
        </ErrorNote>
      ) : null}
      <div className={styles.buttons}>
        <Button autoFocus size="small" onClick={() => setAsking(false)}>
          Cancel
        </Button>
        <Button kind="primary" size="small" busy={busy === 'roll-back'} onClick={() => void go()}>
          {label}
        </Button>
      </div>
    </div>
  )
}
