'use client'
import { useState } from 'react'
import { useChange } from '@/components/shell/use-change'
import { ConfirmInline } from '@/components/ui/confirm-inline'
import { ErrorNote } from '@/components/ui/error-note'
import { TextField } from '@/components/ui/text-field'
import type { EraseAnswer } from '@/contract/v1/actor'
import styles from '../project.module.css'

function resultWords(pseudonym: string, answer: EraseAnswer): string {
  const texts = answer.contentsErased === 1 ? '1 text' : `${answer.contentsErased} texts`
  const versions = answer.versionsOutOfService.map(({ name, version }) => `${name} ${version}`).join(', ')
  return `Erased ${texts} of ${pseudonym}.${versions ? ` Out of service, because they learned from them: ${versions}.` : ''}`
}

export function ErasePerson({ project }: { project: string }) {
  const [pseudonym, setPseudonym] = useState('')
  const [done, setDone] = useState<string | null>(null)
  const { run, refusal, errorOf } = useChange(project)
  const wanted = pseudonym.trim()

  async function erase() {
    setDone(null)
    const answer = await run<EraseAnswer>(
      'erase',
      'POST',
      `/projects/${project}/people/${encodeURIComponent(wanted)}/erase`,
    )
    if (!answer) return
    setDone(resultWords(wanted, answer))
    setPseudonym('')
  }

  return (
    <div className={styles.form}>
      <TextField
        label="Pseudonym"
        hint="As it stands under Feedback: p-4c9a07f2b1."
        mono
        autoComplete="off"
        spellCheck={false}
        value={pseudonym}
        error={errorOf('pseudonym')}
        onChange={event => setPseudonym(event.target.value)}
      />
      {refusal && refusal.field !== 'pseudonym' ? (
        <ErrorNote title={refusal.detail} code={refusal.code} />
      ) : null}
      <div className={styles.actions}>
        <ConfirmInline
          label="Erase this person’s data"
          kind="danger"
          danger
          disabledReason={wanted ? null : 'Enter a pseudonym first.'}
          question={`Erase everything ${wanted} wrote? This can’t be undone.`}
          confirmLabel="Erase for good"
          onConfirm={erase}
        />
      </div>
      <p role="status" className={styles.lead}>
        {done}
      </p>
    </div>
  )
}
