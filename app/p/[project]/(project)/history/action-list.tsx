'use client'
import { Redo2, Undo2 } from 'lucide-react'
import { useState } from 'react'
import { useChange } from '@/components/shell/use-change'
import { Button } from '@/components/ui/button'
import { ErrorNote } from '@/components/ui/error-note'
import { RelativeTime } from '@/components/ui/relative-time'
import { useToast } from '@/components/ui/toast'
import type { Action, UndoAnswer } from '@/contract/v1/actions'
import styles from './action-list.module.css'
import { actionWords } from './action-words'

export function ActionList({ project, actions, now }: { project: string; actions: Action[]; now: string }) {
  return (
    <ol className={styles.list} aria-label="Changes of the project">
      {actions.map(action => (
        <ActionRow key={action.id} project={project} action={action} now={now} />
      ))}
    </ol>
  )
}

function actorWords({ kind, name, you }: Action['actor']): string {
  if (you) return 'You'
  if (kind === 'system') return 'Amend'
  return kind === 'key' ? `Key “${name ?? 'gone'}”` : (name ?? 'Someone who is gone')
}

function ActionRow({ project, action, now }: { project: string; action: Action; now: string }) {
  const { run, busy, refusal } = useChange(project)
  const toast = useToast()
  const [told, setTold] = useState(false)
  const { done, changes } = actionWords(action)
  const isUndo = action.compensatesId !== null
  const verb = action.undo === 'redo' ? 'Redo' : 'Undo'

  async function takeBack() {
    const answer = await run<UndoAnswer>(action.id, 'POST', `/projects/${project}/actions/${action.id}/undo`)
    if (answer) toast.show({ text: verb === 'Undo' ? 'Undone.' : 'Done again.' })
  }

  return (
    <li className={styles.row} data-struck={!action.stands || undefined}>
      <span className={styles.who} dir="auto">
        {actorWords(action.actor)}
      </span>
      <div className={styles.what}>
        <p>
          {isUndo ? (
            <span className={styles.mark}>
              <Undo2 aria-hidden /> {action.undo === 'undo' ? 'Redone' : 'Taken back'}:{' '}
            </span>
          ) : null}
          {action.stands ? <span dir="auto">{done}</span> : <s dir="auto">{done}</s>}
          {action.stands ? null : <span className={styles.badge}>Undone</span>}
        </p>
        {changes.length > 0 ? (
          <ul className={styles.changes}>
            {changes.map(change => (
              <li key={change.name}>
                <span className={styles.name}>{change.name}</span>{' '}
                {change.before !== null ? <del dir="auto">{change.before}</del> : null}
                {change.before !== null && change.after !== null ? <span aria-hidden> → </span> : null}
                {change.after !== null ? <ins dir="auto">{change.after}</ins> : null}
              </li>
            ))}
          </ul>
        ) : null}
        {refusal ? <ErrorNote title={refusal.detail} code={refusal.code} /> : null}
        {told && action.undoRefusal ? <p className={styles.why}>{action.undoRefusal}</p> : null}
      </div>
      <RelativeTime at={action.createdAt} now={now} className={styles.age} />
      <span className={styles.act}>
        {action.undo ? (
          <Button
            size="small"
            kind={action.undo === 'undo' ? 'secondary' : 'quiet'}
            icon={action.undo === 'undo' ? <Undo2 /> : <Redo2 />}
            busy={busy === action.id}
            onClick={() => void takeBack()}
            aria-label={`${verb}: ${done}`}
          >
            {verb}
          </Button>
        ) : action.compensatedById ? null : (
          <Button
            size="small"
            kind="quiet"
            aria-expanded={told}
            aria-label={`Why no undo: ${done}`}
            onClick={() => setTold(!told)}
          >
            Why no undo
          </Button>
        )}
      </span>
    </li>
  )
}
