'use client'
import { type FormEvent, useState } from 'react'
import styles from '@/components/review/forms.module.css'
import { draftOfPolicy, type Person, PolicyFields, readPolicy } from '@/components/review/policy-fields'
import { useChange } from '@/components/shell/use-change'
import { Button } from '@/components/ui/button'
import { ErrorNote } from '@/components/ui/error-note'
import { TextArea } from '@/components/ui/text-area'
import { TextField } from '@/components/ui/text-field'
import type { ChangeQueueAnswer, QueuePolicy, QueueView } from '@/contract/v1/review'
import type { AnswerKind } from '@/domain/review'

interface Props {
  project: string
  answers: AnswerKind
  queue: QueueView
  policy: QueuePolicy
  workers: readonly Person[]
  adjudicators: readonly Person[]
  onDone: () => void
}

/** What can be changed of a queue: its rule stays, since every item says by which rule it came. */
export function QueueSettings({ project, answers, queue, policy, workers, adjudicators, onDone }: Props) {
  const [name, setName] = useState(queue.name)
  const [instructions, setInstructions] = useState(queue.instructions)
  const [draft, setDraft] = useState(() => draftOfPolicy(policy))
  const { run, tell, busy, refusal, errorOf } = useChange(project)
  const read = readPolicy(draft)
  const shown = ['name', 'policy.workerIds', 'policy.adjudicatorIds']

  async function save(event: FormEvent) {
    event.preventDefault()
    if (busy || !('policy' in read) || !name.trim()) return
    const saved = await run<ChangeQueueAnswer>('save', 'PATCH', `/projects/${project}/queues/${queue.id}`, {
      name: name.trim(),
      instructions,
      policy: read.policy,
    })
    if (!saved) return
    onDone()
    if (saved.actionId) tell('Settings are saved.', saved.actionId, 'Undone. The settings are as they were.')
    else tell('Nothing differed. The settings are as they were.', null, '')
  }

  return (
    <form className={styles.fields} onSubmit={save} noValidate aria-label="Settings of the queue">
      <TextField
        label="Name"
        value={name}
        maxLength={80}
        autoComplete="off"
        error={errorOf('name') ?? (name.trim() ? null : 'A queue has a name.')}
        onChange={event => setName(event.target.value)}
      />
      <TextArea
        label="Instructions"
        note="Optional"
        rows={3}
        maxLength={4000}
        value={instructions}
        onChange={event => setInstructions(event.target.value)}
      />
      <PolicyFields
        answers={answers}
        draft={draft}
        problems={'problems' in read ? read.problems : {}}
        workers={workers}
        adjudicators={adjudicators}
        errorOf={errorOf}
        onChange={setDraft}
      />
      {refusal && !shown.includes(refusal.field ?? '') ? (
        <ErrorNote title={refusal.detail} code={refusal.code} />
      ) : null}
      <div className={styles.line}>
        <Button
          type="submit"
          busy={busy === 'save'}
          disabledReason={'policy' in read && name.trim() ? null : 'Correct the marked fields first.'}
        >
          Save settings
        </Button>
        <Button kind="quiet" onClick={onDone}>
          Leave as it is
        </Button>
      </div>
    </form>
  )
}
