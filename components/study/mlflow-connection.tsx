'use client'
import { type FormEvent, useState } from 'react'
import type { ChangeSettingsAnswer, Settings } from '@/contract/v1/settings'
import { useChange } from '../shell/use-change'
import { Button } from '../ui/button'
import { ErrorNote } from '../ui/error-note'
import { TextField } from '../ui/text-field'
import styles from './gates.module.css'

interface Props {
  slug: string
  mlflow: Settings['mlflow']
  onDone: () => void
}

/** Which MLflow server the project imports from and logs to. A setting like others: told in History, undoable. */
export function MlflowConnection({ slug, mlflow, onDone }: Props) {
  const [text, setText] = useState({
    url: mlflow?.url ?? '',
    tokenVariable: mlflow?.tokenVariable ?? '',
    experiment: mlflow?.experiment ?? 'Amend',
  })
  const { run, tell, busy, refusal, errorOf } = useChange(slug)
  const set = (key: keyof typeof text) => (event: { target: { value: string } }) =>
    setText({ ...text, [key]: event.target.value })
  const change = async (name: string, next: Settings['mlflow'], done: string, undone: string) => {
    if (busy) return
    const answer = await run<ChangeSettingsAnswer>(name, 'PATCH', `/projects/${slug}/settings`, {
      mlflow: next,
    })
    if (!answer) return
    if (answer.actionId) tell(done, answer.actionId, undone)
    onDone()
  }
  const connect = (event: FormEvent) => {
    event.preventDefault()
    const tokenVariable = text.tokenVariable.trim()
    return change(
      'connect',
      {
        url: text.url.trim(),
        experiment: text.experiment.trim(),
        ...(tokenVariable ? { tokenVariable } : {}),
      },
      'Versions are imported from and logged to that MLflow server.',
      'The MLflow server is as it was before.',
    )
  }
  return (
    <form className={styles.form} aria-label="MLflow server" onSubmit={connect} noValidate>
      <TextField
        mono
        label="Address"
        hint="What stands before /api/2.0/mlflow, as https://mlflow.example."
        inputMode="url"
        value={text.url}
        error={errorOf('mlflow.url')}
        onChange={set('url')}
      />
      <div className={styles.fields}>
        <TextField
          mono
          label="Token’s variable"
          hint="Where the server’s environment holds a token, or user:password, as AMEND_MLFLOW_TOKEN. Its operator names this address in AMEND_MLFLOW_TOKEN_ORIGIN. Empty: none is sent."
          value={text.tokenVariable}
          error={errorOf('mlflow.tokenVariable')}
          onChange={set('tokenVariable')}
        />
        <TextField
          label="Experiment"
          hint="Where versions of this project are logged; made where it is not there."
          maxLength={200}
          value={text.experiment}
          error={errorOf('mlflow.experiment')}
          onChange={set('experiment')}
        />
      </div>
      {refusal ? <ErrorNote title={refusal.detail} code={refusal.code} /> : null}
      <div className={styles.actions}>
        <Button type="submit" kind="primary" size="small" busy={busy === 'connect'}>
          {mlflow ? 'Save' : 'Connect'}
        </Button>
        {mlflow ? (
          <Button
            size="small"
            busy={busy === 'disconnect'}
            onClick={() =>
              void change(
                'disconnect',
                null,
                'No MLflow server is connected any more.',
                'It is connected again.',
              )
            }
          >
            Disconnect
          </Button>
        ) : null}
        <Button kind="quiet" size="small" onClick={onDone}>
          Cancel
        </Button>
      </div>
    </form>
  )
}
