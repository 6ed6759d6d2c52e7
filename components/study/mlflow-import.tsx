'use client'
import { type FormEvent, useState } from 'react'
import type { ImportMlflowAnswer } from '@/contract/v1/mlflow'
import { useChange } from '../shell/use-change'
import { Button } from '../ui/button'
import { ErrorNote } from '../ui/error-note'
import { TextField } from '../ui/text-field'
import styles from './gates.module.css'

/** Registers a version that the project's MLflow server holds. */
export function MlflowImport({ slug, server, onDone }: { slug: string; server: string; onDone: () => void }) {
  const [text, setText] = useState({ model: '', version: '', name: '' })
  const { run, tell, busy, refusal, errorOf } = useChange(slug)
  const set = (key: keyof typeof text) => (event: { target: { value: string } }) =>
    setText({ ...text, [key]: event.target.value })
  const bring = async (event: FormEvent) => {
    event.preventDefault()
    if (busy) return
    const answer = await run<ImportMlflowAnswer>('import', 'POST', `/projects/${slug}/mlflow-imports`, {
      model: text.model.trim(),
      version: text.version.trim(),
      ...(text.name.trim() === '' ? {} : { name: text.name.trim() }),
    })
    if (!answer) return
    const name = `${answer.model} ${answer.version}`
    if (answer.made)
      tell(`${name} is a candidate, live for nobody yet.`, answer.actionId, `${name} is retired.`)
    else tell(`${name} was imported before. Its stage: ${answer.stage}.`, null, '')
    onDone()
  }
  return (
    <form className={styles.form} aria-label="Import from MLflow" onSubmit={bring} noValidate>
      <p className={styles.quiet}>
        Brings parameters, metrics, tags, the description and where its files lie. You push its predictions.
        Imported twice, it is one version. Server: <code>{server}</code>
      </p>
      <div className={styles.fields}>
        <TextField
          label="Registered model"
          hint="Its name in MLflow."
          maxLength={256}
          value={text.model}
          error={errorOf('model')}
          onChange={set('model')}
        />
        <TextField
          label="Version"
          hint="Its number, or an alias as @champion."
          value={text.version}
          error={errorOf('version')}
          onChange={set('version')}
        />
        <TextField
          label="Name here"
          hint="Empty: as in MLflow."
          maxLength={100}
          value={text.name}
          error={errorOf('name')}
          onChange={set('name')}
        />
      </div>
      {refusal ? <ErrorNote title={refusal.detail} code={refusal.code} /> : null}
      <div className={styles.actions}>
        <Button type="submit" kind="primary" size="small" busy={busy === 'import'}>
          Import as a candidate
        </Button>
        <Button kind="quiet" size="small" onClick={onDone}>
          Cancel
        </Button>
      </div>
    </form>
  )
}
