'use client'
import { type FormEvent, useState } from 'react'
import type { RegisterModelAnswer, RegisterVersionAnswer, TryEndpointAnswer } from '@/contract/v1/models'
import { useChange } from '../shell/use-change'
import { Button } from '../ui/button'
import { ErrorNote } from '../ui/error-note'
import { SelectField } from '../ui/select-field'
import { TextArea } from '../ui/text-area'
import { TextField } from '../ui/text-field'
import { EndpointAnswer } from './endpoint-answer'
import styles from './gates.module.css'

const protocols = [
  { value: 'amend', label: 'own form of Amend' },
  { value: 'openai', label: 'chat completions, as OpenAI' },
  { value: 'kserve', label: 'KServe v2 (Open Inference)' },
  { value: 'bentoml', label: 'BentoML' },
]

interface Props {
  slug: string
  /** Models asked over HTTP that exist: a name among them gets one more version. */
  models: { id: string; name: string }[]
  /** An input to try it on, as JSON. */
  example: string
  onDone: () => void
}

/** What is typed as JSON; undefined where it is none. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** Registers a model that runs elsewhere, tried first. */
export function EndpointForm({ slug, models, example, onDone }: Props) {
  const [text, setText] = useState({
    name: '',
    version: '1',
    summary: '',
    url: '',
    model: '',
    instructions: '',
    keyVariable: '',
    payload: example,
  })
  const [protocol, setProtocol] = useState('amend')
  const [made, setMade] = useState<RegisterModelAnswer | null>(null)
  const [answer, setAnswer] = useState<TryEndpointAnswer | null>(null)
  const [noJson, setNoJson] = useState(false)
  const { run, tell, busy, refusal, errorOf } = useChange(slug)
  const set = (key: keyof typeof text) => (event: { target: { value: string } }) => {
    setText({ ...text, [key]: event.target.value })
    setAnswer(null)
  }
  const filled = (key: 'model' | 'instructions' | 'keyVariable') =>
    text[key].trim() === '' ? {} : { [key]: text[key].trim() }
  const endpoint = () => ({
    protocol,
    url: text.url.trim(),
    ...(protocol === 'openai' ? { ...filled('model'), ...filled('instructions') } : {}),
    ...filled('keyVariable'),
  })
  const tryIt = async () => {
    setAnswer(null)
    const payload = parsed(text.payload)
    setNoJson(payload === undefined)
    if (payload === undefined) return
    setAnswer(
      await run<TryEndpointAnswer>('try', 'POST', `/projects/${slug}/model-endpoint-trial`, {
        endpoint: endpoint(),
        payload,
      }),
    )
  }
  const register = async (event: FormEvent) => {
    event.preventDefault()
    if (busy) return
    const name = text.name.trim()
    // A refused version leaves its model registered: the next try goes on from there.
    const model =
      [...models, ...(made ? [made] : [])].find(one => one.name === name) ??
      (await run<RegisterModelAnswer>('register', 'POST', `/projects/${slug}/models`, { name, kind: 'http' }))
    if (!model) return
    if ('kind' in model) setMade(model as RegisterModelAnswer)
    const version = await run<RegisterVersionAnswer>(
      'register',
      'POST',
      `/projects/${slug}/models/${model.id}/versions`,
      { version: text.version.trim(), card: { summary: text.summary.trim() }, endpoint: endpoint() },
    )
    if (!version) return
    tell(`${name} ${version.version} is a candidate, live for nobody yet.`, null, '')
    onDone()
  }
  return (
    <form className={styles.form} aria-label="Connect a model over HTTP" onSubmit={register} noValidate>
      <div className={styles.fields}>
        <TextField
          label="Name"
          hint={
            models.length > 0
              ? 'One that is connected already gets another version.'
              : 'As it is called in this project.'
          }
          maxLength={100}
          value={text.name}
          error={errorOf('name')}
          onChange={set('name')}
        />
        <TextField
          label="Version"
          hint="It never changes once registered."
          maxLength={100}
          value={text.version}
          error={errorOf('version')}
          onChange={set('version')}
        />
        <SelectField
          label="Speaks"
          value={protocol}
          options={protocols}
          onChange={event => {
            setProtocol(event.target.value)
            setAnswer(null)
          }}
        />
      </div>
      <TextField
        label="What it is"
        hint="A sentence for its card."
        maxLength={1000}
        value={text.summary}
        error={errorOf('card.summary')}
        onChange={set('summary')}
      />
      <TextField
        mono
        label="Address"
        hint="In full, as https://models.example/v1/chat/completions."
        inputMode="url"
        value={text.url}
        error={errorOf('endpoint.url')}
        onChange={set('url')}
      />
      {protocol === 'openai' ? (
        <div className={styles.fields}>
          <TextField
            label="Model asked for"
            value={text.model}
            error={errorOf('endpoint.model')}
            onChange={set('model')}
          />
          <TextField
            label="Instructions"
            hint="What it is told before the conversation."
            maxLength={4000}
            value={text.instructions}
            error={errorOf('endpoint.instructions')}
            onChange={set('instructions')}
          />
        </div>
      ) : null}
      <TextField
        mono
        label="Key’s variable"
        hint="Where the server’s environment holds its key, as AMEND_MODEL_KEY_SMALL. Its operator names this address in AMEND_MODEL_KEY_SMALL_ORIGIN. Empty: none is sent."
        value={text.keyVariable}
        error={errorOf('endpoint.keyVariable')}
        onChange={set('keyVariable')}
      />
      <TextArea
        mono
        label="Input to try it on"
        rows={6}
        spellCheck={false}
        value={text.payload}
        error={noJson ? 'This is no JSON.' : errorOf('payload')}
        onChange={set('payload')}
      />
      <div aria-live="polite">{answer ? <EndpointAnswer answer={answer} /> : null}</div>
      {refusal ? <ErrorNote title={refusal.detail} code={refusal.code} /> : null}
      <div className={styles.actions}>
        <Button size="small" busy={busy === 'try'} onClick={() => void tryIt()}>
          Try it
        </Button>
        <Button type="submit" kind="primary" size="small" busy={busy === 'register'}>
          Register as a candidate
        </Button>
        <Button kind="quiet" size="small" onClick={onDone}>
          Cancel
        </Button>
      </div>
    </form>
  )
}
