'use client'
import Link from 'next/link'
import { type FormEvent, useState } from 'react'
import { useChange } from '@/components/shell/use-change'
import { Button } from '@/components/ui/button'
import { Checkbox } from '@/components/ui/checkbox'
import { CopyField } from '@/components/ui/copy-field'
import { ErrorNote } from '@/components/ui/error-note'
import { Snippet } from '@/components/ui/snippet'
import { TextField } from '@/components/ui/text-field'
import type { RegisterModelAnswer, RegisterVersionAnswer, SetStageAnswer } from '@/contract/v1/models'
import styles from './new.module.css'
import { amendCode, pictureCode } from './start-code'
import type { StartTask } from './start-project'
import { useKey } from './use-key'

/** Registers a model of one's own with its first version; without one the built-in model answers. */
export function ModelStart({
  project,
  task,
  usePage,
}: {
  project: string
  task: StartTask
  usePage: string
}) {
  const [name, setName] = useState('')
  const [version, setVersion] = useState('1')
  const [summary, setSummary] = useState('')
  const [live, setLive] = useState(true)
  const [modelId, setModelId] = useState<string | null>(null)
  const [versionId, setVersionId] = useState<string | null>(null)
  const { run, busy, refusal } = useChange(project)
  const key = useKey(project, 'My model')

  async function register(event: FormEvent) {
    event.preventDefault()
    if (busy) return
    // A model that is registered already is not registered again when only its version was refused.
    const model =
      modelId ??
      (
        await run<RegisterModelAnswer>('model', 'POST', `/projects/${project}/models`, {
          name: name.trim(),
          kind: 'push',
        })
      )?.id
    if (!model) return
    setModelId(model)
    const made = await run<RegisterVersionAnswer>(
      'version',
      'POST',
      `/projects/${project}/models/${model}/versions`,
      {
        version: version.trim(),
        card: { summary: summary.trim() },
      },
    )
    if (!made) return
    if (live) {
      const staged = await run<SetStageAnswer>(
        'stage',
        'POST',
        `/projects/${project}/model-versions/${made.id}/stage`,
        { stage: 'live' },
      )
      if (!staged) return
    }
    setVersionId(made.id)
    await key.make()
  }

  if (versionId === null)
    return (
      <form className={styles.form} onSubmit={register} noValidate>
        <p className={styles.lead}>
          Register it, then push its predictions for each item. Without a model of your own there is nothing
          to do: the built-in one answers already. <Link href={usePage}>Open the {task.usePage}</Link>
        </p>
        <div className={styles.line}>
          <TextField
            label="Model"
            required
            maxLength={100}
            value={name}
            readOnly={modelId !== null}
            error={refusal?.field === 'name' ? 'Give it a name that no other model here has.' : null}
            onChange={event => setName(event.target.value)}
          />
          <TextField
            label="Version"
            required
            maxLength={100}
            value={version}
            error={refusal?.field === 'version' ? refusal.fieldWords : null}
            onChange={event => setVersion(event.target.value)}
          />
        </div>
        <TextField
          label="What it does"
          hint="One sentence, for people who ask why they see a suggestion."
          required
          maxLength={1000}
          value={summary}
          error={refusal?.field === 'card.summary' ? 'Say in one sentence what it does.' : null}
          onChange={event => setSummary(event.target.value)}
        />
        <Checkbox
          label="Answer with it from now on"
          hint="In place of the built-in one, behind the same guardrails. Undo it under Models."
          checked={live}
          onChange={setLive}
        />
        {refusal && !['name', 'version', 'card.summary'].includes(refusal.field ?? '') ? (
          <ErrorNote title={refusal.detail} code={refusal.code} />
        ) : null}
        <div>
          <Button type="submit" kind="primary" busy={busy !== null}>
            Register the model
          </Button>
        </div>
      </form>
    )
  const api = `${location.origin}/api/v1/projects/${project}`
  const headers = `-H 'authorization: Bearer ${key.key ?? '<key>'}' -H 'content-type: application/json'`
  const item = { externalId: 'item-1', payload: task.example ?? {} }
  const prediction = {
    modelVersionId: versionId,
    predictions: [
      { externalId: 'item-1', candidates: [{ value: { text: 'Ten is fine.' }, confidence: 0.9 }] },
    ],
  }
  return (
    <>
      <p className={styles.lead}>
        Registered. Create items, or{' '}
        <Link href={`/new?project=${project}&start=data`}>bring them in a file</Link>, and push what your
        model predicts for them.
      </p>
      {key.key ? (
        <CopyField
          label="The key"
          value={key.key}
          hint="Shown once, stored only as a hash. Keep it on your server."
        />
      ) : (
        <>
          {key.refusal ? <ErrorNote title={key.refusal.detail} code={key.refusal.code} /> : null}
          <div>
            <Button busy={key.busy} onClick={() => void key.make()}>
              Make a key
            </Button>
          </div>
        </>
      )}
      {task.fromPictures ? (
        <Snippet
          label="A picture and its prediction, on your server"
          code={picturePrediction(api, key.key ?? '<key>', versionId)}
        />
      ) : (
        <>
          <Snippet
            label="An item"
            code={`curl ${api}/items \\\n  ${headers} \\\n  -d '${JSON.stringify({ items: [item] })}'`}
          />
          <Snippet
            label="Its prediction"
            code={`curl ${api}/predictions \\\n  ${headers} \\\n  -d '${JSON.stringify(prediction)}'`}
          />
        </>
      )}
    </>
  )
}

function picturePrediction(api: string, key: string, modelVersionId: string): string {
  return `${amendCode(api, key)}${pictureCode(api, key)}

await amend('/items', { items: [{ externalId: 'photo-1', payload }] })
await amend('/predictions', {
  modelVersionId: '${modelVersionId}',
  predictions: [
    { externalId: 'photo-1', candidates: [{ value: { text: 'Two dogs on a lawn.' }, confidence: 0.9 }] },
  ],
})`
}
