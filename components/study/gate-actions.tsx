'use client'
import dynamic from 'next/dynamic'
import { useState } from 'react'
import type { ArchivedGate, Gate, GateResult, WaivedGate } from '@/contract/v1/gates'
import { useChange } from '../shell/use-change'
import { Button } from '../ui/button'
import { ConfirmInline } from '../ui/confirm-inline'
import { ErrorNote } from '../ui/error-note'
import { SelectField } from '../ui/select-field'
import { TextArea } from '../ui/text-area'
import styles from './gates.module.css'

// Few open it, and it is long.
const GateForm = dynamic(() => import('./gate-form').then(one => one.GateForm))

interface Props {
  slug: string
  gate: Gate | null
  rules: Gate['rules']
  metrics: { id: string; label: string }[]
  /** Versions that may be judged. */
  versions: { id: string; name: string }[]
  may: { manage: boolean; judge: boolean }
}

/** Judges a version by a gate; changes, makes and archives gates. */
export function GateActions({ slug, gate, rules, metrics, versions, may }: Props) {
  const [editing, setEditing] = useState(false)
  const [version, setVersion] = useState(versions[0]?.id ?? '')
  const { run, tell, busy, refusal } = useChange(slug)
  if (editing) return <GateForm {...{ slug, gate, rules, metrics }} onDone={() => setEditing(false)} />
  const judge = async () => {
    const answer = await run<GateResult>('judge', 'POST', `/projects/${slug}/gates/${gate?.slug}/judge`, {
      modelVersionId: version,
    })
    if (answer) tell(answer.sentence, null, '')
  }
  const archive = async () => {
    const answer = await run<ArchivedGate>('archive', 'DELETE', `/projects/${slug}/gates/${gate?.slug}`)
    if (answer) tell(`${gate?.name} asks nothing any more.`, answer.actionId, 'Undone. The gate is back.')
  }
  return (
    <div className={styles.actions}>
      {gate && may.judge && versions.length > 0 ? (
        <>
          <SelectField
            label={`Version to judge by ${gate.name}`}
            labelHidden
            value={version}
            onChange={event => setVersion(event.target.value)}
            options={versions.map(one => ({ value: one.id, label: one.name }))}
          />
          <Button size="small" busy={busy === 'judge'} onClick={() => void judge()}>
            Judge it
          </Button>
        </>
      ) : null}
      {may.manage ? (
        <Button kind={gate ? 'quiet' : 'secondary'} size="small" onClick={() => setEditing(true)}>
          {gate ? 'Change' : 'Make a gate'}
        </Button>
      ) : null}
      {gate && may.manage ? (
        <ConfirmInline
          size="small"
          label="Archive"
          question={`${gate.name} would ask nothing of any version.`}
          confirmLabel="Archive it"
          onConfirm={archive}
        />
      ) : null}
      {refusal ? <ErrorNote title={refusal.detail} code={refusal.code} /> : null}
    </div>
  )
}

/** Lets a version through in spite of what was found, with a reason that stays. */
export function WaiveGate({ slug, resultId }: { slug: string; resultId: string }) {
  const [open, setOpen] = useState(false)
  const [reason, setReason] = useState('')
  const { run, tell, busy, refusal, errorOf } = useChange(slug)
  if (!open)
    return (
      <div className={styles.actions}>
        <Button kind="quiet" size="small" onClick={() => setOpen(true)}>
          Waive it
        </Button>
      </div>
    )
  const waive = async () => {
    const answer = await run<WaivedGate>(
      'waive',
      'POST',
      `/projects/${slug}/gate-results/${resultId}/waive`,
      {
        reason,
      },
    )
    if (!answer) return
    setOpen(false)
    tell('Waived. It may go on in spite of it.', answer.actionId, 'Undone. The gate holds it again.')
  }
  return (
    <div className={styles.form}>
      <TextArea
        label="Why it may go on in spite of this"
        hint="Stays with the result, with your name and role. At least 10 letters."
        rows={3}
        value={reason}
        error={errorOf('reason')}
        onChange={event => setReason(event.target.value)}
      />
      {refusal && refusal.field !== 'reason' ? (
        <ErrorNote title={refusal.detail} code={refusal.code} />
      ) : null}
      <div className={styles.actions}>
        <Button kind="primary" size="small" busy={busy === 'waive'} onClick={() => void waive()}>
          Waive it
        </Button>
        <Button kind="quiet" size="small" onClick={() => setOpen(false)}>
          Cancel
        </Button>
      </div>
    </div>
  )
}
