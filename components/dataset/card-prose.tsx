'use client'
import { useState } from 'react'
import type { WrittenCard } from '@/contract/v1/dataset-card'
import { longestProse, type ProseField, proseFields, proseWords } from '@/domain/card-words'
import { useChange } from '../shell/use-change'
import { Button } from '../ui/button'
import { ErrorNote } from '../ui/error-note'
import { TextArea } from '../ui/text-area'
import styles from './check-report.module.css'

export interface CardProseProps {
  project: string
  dataset: string
  number: number
  /** What the card says of each part; null where nobody wrote it. */
  prose: Partial<Record<ProseField, string | null>>
}

/** What curators write beside the facts of a card. Every change is kept, and can be undone. */
export function CardProseForm({ project, dataset, number, prose }: CardProseProps) {
  const { run, tell, refusal } = useChange(project)
  const [draft, setDraft] = useState<Partial<Record<ProseField, string>>>({})
  const changed = proseFields.filter(
    field => draft[field] !== undefined && draft[field] !== (prose[field] ?? ''),
  )
  const save = async () => {
    const body = Object.fromEntries(changed.map(field => [field, draft[field]?.trim() ? draft[field] : null]))
    const made = await run<WrittenCard>(
      'card',
      'PUT',
      `/projects/${project}/datasets/${dataset}/versions/${number}/card`,
      body,
    )
    if (!made) return
    setDraft({})
    tell('The card is written.', made.actionId, 'The card says again what it said before.')
  }
  return (
    <form
      className={styles.report}
      onSubmit={event => {
        event.preventDefault()
        void save()
      }}
    >
      {proseFields.map(field => (
        <TextArea
          key={field}
          label={proseWords[field].label}
          hint={proseWords[field].asks}
          rows={3}
          maxLength={longestProse}
          value={draft[field] ?? prose[field] ?? ''}
          onChange={event => setDraft(now => ({ ...now, [field]: event.target.value }))}
        />
      ))}
      <div className={styles.acts}>
        <Button type="submit" disabledReason={changed.length === 0 ? 'Nothing was changed.' : null}>
          Save the card
        </Button>
      </div>
      {refusal ? <ErrorNote title={refusal.detail} code={refusal.code} /> : null}
    </form>
  )
}
