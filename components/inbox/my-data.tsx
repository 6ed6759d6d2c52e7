'use client'
import { Download, Trash2 } from 'lucide-react'
import { useState } from 'react'
import type { Consent, EraseAnswer } from '@/contract/v1/actor'
import { ApiError } from '@/sdk/client'
import { useSuggestionsSwitch } from '../shell/suggestions'
import { Button } from '../ui/button'
import { Switch } from '../ui/checkbox'
import { ConfirmInline } from '../ui/confirm-inline'
import { ErrorNote } from '../ui/error-note'
import { RelativeTime } from '../ui/relative-time'
import { ConsentWords } from './consent-words'
import { useFeedback } from './feedback-kit'
import styles from './my-data.module.css'
import { consentKey, useConsent } from './use-consent'

/** What the person agreed to, and what they can do with what is kept. */
export function MyData({ consent: initial, onErased }: { consent: Consent; onErased: () => void }) {
  const { consent, change } = useConsent(initial)
  const suggestions = useSuggestionsSwitch()
  return (
    <section id="consent" className={styles.data} aria-labelledby="consent-title">
      <div className={styles.part}>
        <h2 id="consent-title">What is kept, and for what</h2>
        <ConsentWords />
        <p className={styles.quiet}>
          {consent.consentedAt ? (
            <>
              You agreed on <RelativeTime at={consent.consentedAt} show="full" />. Here you are{' '}
              <code>{consent.pseudonym}</code>.
            </>
          ) : (
            'You have not agreed yet, so nothing is recorded. The inbox asks before the first suggestion.'
          )}
        </p>
        <Switch
          label="Show me suggestions"
          hint="Off: no model is asked about anything of yours. In force at once."
          checked={suggestions.on}
          onChange={on => void suggestions.setOn(on)}
        />
        <Switch
          label="Use what I do for training"
          hint="Off: nothing you did or will do is in any export from now on. Files already downloaded by others stay as they are."
          checked={consent.trainingAllowed}
          onChange={trainingAllowed => change.mutate({ trainingAllowed })}
        />
        {change.error ? (
          <ErrorNote title="That didn’t save. The switch shows what is in force." code={codeOf(change.error)}>
            {detailOf(change.error)}
          </ErrorNote>
        ) : null}
      </div>
      <div className={styles.part}>
        <h2>My data</h2>
        <div className={styles.actions}>
          <DownloadMine />
          <EraseMine onErased={onErased} />
        </div>
      </div>
    </section>
  )
}

function DownloadMine() {
  const { client, path, slug } = useFeedback()
  const [busy, setBusy] = useState(false)
  const [error, setError] = useState<unknown>(null)
  const download = async () => {
    setBusy(true)
    setError(null)
    try {
      const data = await client.request<unknown>('GET', `${path}/my-data`, undefined, {
        signal: AbortSignal.timeout(120_000),
      })
      const url = URL.createObjectURL(
        new Blob([`${JSON.stringify(data, null, 2)}\n`], { type: 'application/json' }),
      )
      const link = document.createElement('a')
      link.href = url
      link.download = `amend-${slug}-my-data.json`
      link.click()
      setTimeout(() => URL.revokeObjectURL(url), 60_000)
    } catch (cause) {
      setError(cause)
    } finally {
      setBusy(false)
    }
  }
  return (
    <>
      <Button icon={<Download />} busy={busy} onClick={() => void download()}>
        Download my data
      </Button>
      {error ? (
        <ErrorNote title="The download failed. Nothing was changed." code={codeOf(error)}>
          {detailOf(error)}
        </ErrorNote>
      ) : null}
    </>
  )
}

function EraseMine({ onErased }: { onErased: () => void }) {
  const { client, path, outbox, desk, queries } = useFeedback()
  const [answer, setAnswer] = useState<EraseAnswer | null>(null)
  const [error, setError] = useState<unknown>(null)
  const erase = async () => {
    setError(null)
    try {
      const erased = await client.request<EraseAnswer>('DELETE', `${path}/my-data`)
      await outbox.clear()
      desk.forget()
      setAnswer(erased)
      void queries.invalidateQueries({ queryKey: consentKey(path) })
      onErased()
    } catch (cause) {
      setError(cause)
    }
  }
  if (answer) return <Erased answer={answer} />
  return (
    <>
      <ConfirmInline
        label="Erase my data"
        icon={<Trash2 />}
        kind="secondary"
        danger
        question={
          <>
            What you wrote, the messages you pasted and the drafts on this device are erased. Model versions
            that learned from your words leave service. That something was decided, and when, stays as an
            empty row that no longer leads to you. This can’t be undone.
          </>
        }
        confirmLabel="Erase for good"
        onConfirm={erase}
      />
      {error ? (
        <ErrorNote title="Nothing was erased." code={codeOf(error)}>
          {detailOf(error)}
        </ErrorNote>
      ) : null}
    </>
  )
}

function Erased({ answer }: { answer: EraseAnswer }) {
  const { contentsErased, versionsOutOfService } = answer
  return (
    <div className={styles.erased} role="status">
      <p>
        <strong>Erased.</strong> {count(contentsErased, 'text')} of yours{' '}
        {contentsErased === 1 ? 'is' : 'are'} gone. From here on you are somebody new in this project.
      </p>
      <p>
        {versionsOutOfService.length === 0
          ? 'No model version had learned from it.'
          : `Out of service, since they learned from it: ${versionsOutOfService.map(v => `${v.name} ${v.version}`).join(', ')}.`}
      </p>
    </div>
  )
}

function count(n: number, word: string): string {
  return `${n} ${word}${n === 1 ? '' : 's'}`
}

function codeOf(error: unknown): string | undefined {
  return error instanceof ApiError ? error.code : undefined
}

function detailOf(error: unknown): string {
  return error instanceof ApiError ? error.detail : 'Try again.'
}
